package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/**
 * Ranges of the flat buffers with their own rates; whole runs are compared with torch elsewhere.
 */
class AdamWTest {
  private static final Path MODEL = ReferenceRun.folder("llama-gqa");

  /** The first step is lr · sign(g), after the decay of p by 1 − lr · λ. */
  @Test
  void eachRangeHasItsRateAndItsDecay() {
    TrainConfig config = LocalTraining.config(Method.LORA_FA).weightDecay(0.5).build();
    List<UpdateRule.Range> ranges =
        List.of(
            new UpdateRule.Range(new UpdateRule(1, true), 0, 2),
            new UpdateRule.Range(new UpdateRule(10, true), 2, 1),
            new UpdateRule.Range(new UpdateRule(1, false), 3, 2));
    try (Scope scope = new Scope()) {
      Tensor parameters = Tensor.create(1f, 1f, 1f, 1f, 1f);
      Tensor gradients = Tensor.create(3f, -3f, 3f, 3f, -3f);
      try (AdamW optimizer = new AdamW(config, parameters, ranges)) {
        optimizer.step(parameters, gradients, 0.01);
      }
      float[] after = new float[5];
      parameters.data_ptr_float().get(after);
      assertThat(after)
          .containsExactly(
              new float[] {0.995f - 0.01f, 0.995f + 0.01f, 0.95f - 0.1f, 0.99f, 1.01f},
              within(1e-6f));
    }
  }

  @Test
  void fullSparesNormsFromDecay() {
    Map<UpdateRule, Long> counts = counts(LocalTraining.config(Method.FULL).build());
    // Two norms in each of 3 layers and the last one, of 32 numbers each.
    assertThat(counts).containsEntry(new UpdateRule(1, false), 7L * 32).hasSize(2);
  }

  @Test
  void modulesToSaveMayHaveTheirOwnRate() {
    TrainConfigBuilder config =
        LocalTraining.config(Method.LORA_FA).modulesToSave(List.of("lm_head", "model.norm"));
    assertThat(counts(config.build()))
        .containsOnlyKeys(new UpdateRule(1, true), new UpdateRule(1, false));
    assertThat(counts(config.learningRate(1e-3).headLearningRate(1e-4).build()))
        .containsEntry(new UpdateRule(0.1, true), 97L * 32)
        .containsEntry(new UpdateRule(0.1, false), 32L)
        .containsKey(new UpdateRule(1, true))
        .hasSize(3);
  }

  /** How many numbers each rule applies to. */
  private static Map<UpdateRule, Long> counts(TrainConfig config) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        HuggingFaceFolder folder = HuggingFaceFolder.open(MODEL, DType.FP32);
        TrainedModel trained = TrainedModel.open(config, folder, Map.of())) {
      Map<UpdateRule, Long> counts = new LinkedHashMap<>();
      long end = 0;
      for (UpdateRule.Range range : trained.trainables().ranges()) {
        assertThat(range.start()).isEqualTo(end);
        end += range.count();
        counts.put(range.rule(), range.count());
      }
      assertThat(end).isEqualTo(trained.trainables().count());
      return counts;
    }
  }
}
