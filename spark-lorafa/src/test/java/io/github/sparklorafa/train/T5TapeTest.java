package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.T5Config;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The plan before the first step, against what the tape then holds, to the byte. */
@ExtendWith(InScope.class)
class T5TapeTest {
  private static final List<String> ALL = List.of("all-linear");

  private record Case(List<String> targets, List<String> saved) {}

  static List<Case> cases() {
    return List.of(
        new Case(ALL, List.of()),
        new Case(List.of("q", "v"), List.of()),
        new Case(List.of("v"), List.of()),
        new Case(List.of("EncDecAttention.k"), List.of()),
        new Case(List.of("EncDecAttention.v"), List.of()),
        new Case(List.of("EncDecAttention.q"), List.of()),
        new Case(List.of("EncDecAttention.o"), List.of()),
        new Case(List.of("SelfAttention.o"), List.of()),
        new Case(List.of("wo"), List.of("lm_head")),
        new Case(List.of("decoder.block.0.layer.2.DenseReluDense.wo"), List.of()),
        new Case(List.of("encoder.block.1.layer.1.DenseReluDense.wo"), List.of()),
        new Case(List.of("encoder.block.1.layer.0.SelfAttention.v"), List.of()),
        new Case(List.of("o"), List.of("shared")),
        new Case(List.of("q"), List.of("relative_attention_bias")),
        new Case(List.of("EncDecAttention.o"), List.of("encoder.final_layer_norm")),
        new Case(List.of("q"), List.of("0.layer.1.EncDecAttention.v", "1.DenseReluDense.wo")));
  }

  static Stream<Arguments> modelsAndCases() {
    return Stream.of("t5-relu", "t5-gated")
        .flatMap(model -> cases().stream().map(the -> Arguments.of(model, the)));
  }

  @ParameterizedTest
  @MethodSource("modelsAndCases")
  void adaptersKeepWhatWasPlanned(String model, Case the) {
    for (Method method : List.of(Method.LORA_FA, Method.LORA)) {
      for (DType dtype : DType.values()) {
        assertKeptAsPlanned(
            model,
            LocalTraining.config(method)
                .dtype(dtype)
                .targetModules(the.targets())
                .modulesToSave(the.saved()));
      }
    }
  }

  @Test
  void fullFineTuningKeepsWhatWasPlanned() {
    for (String model : List.of("t5-relu", "t5-gated")) {
      for (DType dtype : DType.values()) {
        assertKeptAsPlanned(model, LocalTraining.config(Method.FULL).dtype(dtype));
      }
    }
  }

  private static void assertKeptAsPlanned(String model, TrainConfigBuilder builder) {
    for (Recompute recompute : Recompute.values()) {
      TrainConfig config = builder.task(Task.SEQ2SEQ).recompute(recompute).build();
      TokenBatch batch = TokenBatch.of(T5ParityTest.rows().subList(8, 13));
      try (NoGradGuard noGrad = new NoGradGuard();
          HuggingFaceFolder folder =
              HuggingFaceFolder.open(ReferenceRun.folder(model), config.dtype());
          TrainedModel trained = TrainedModel.open(config, folder, Map.of());
          Tape tape = new Tape(recompute)) {
        trained.trainStep(0, batch, tape);
        assertThat(tape.isEmpty()).isTrue();
        assertThat(tape.peakBytes())
            .as("%s %s %s %s", model, config.method(), config.dtype(), recompute)
            .isEqualTo(
                TapePlan.of(config, folder.config())
                    .bytes(batch.ids().length, batch.targets().length, 5));
      }
    }
  }

  /** T5-base (v1.0) in bf16 at rank 16, by the closed formula. */
  @Test
  void t5Base() {
    T5Config base =
        new T5Config(
            32_128,
            768,
            64,
            3072,
            12,
            12,
            12,
            32,
            128,
            1e-6,
            T5Config.FeedForward.RELU,
            true,
            true,
            0,
            0);
    AdapterConfig adapter = new AdapterConfig(16, 32, ALL, List.of(), false);
    TapePlan plan = TapePlan.of(base, Method.LORA_FA, adapter, DType.BF16, Recompute.NONE);
    long encoder = 2 * (2 * 768 + 3 * 768 + 3072 + 6 * 16) + 8;
    long decoder = 2 * (3 * 768 + 4 * 768 + 3072 + 8 * 16) + 12;
    long crossed = 2 * (2 * 768 + 2 * 16);
    long lowestNorm = 2 * 768 + 4;
    assertThat(plan.bytes(1, 0, 0)).isEqualTo(12 * (encoder + crossed) - lowestNorm + 2 * 768 + 4);
    assertThat(plan.bytes(0, 1, 0)).isEqualTo(12 * decoder - lowestNorm + 2 * 768 + 4);
  }
}
