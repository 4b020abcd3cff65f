package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The plan before the first step, against what the tape then holds and against known figures. */
class TapePlanTest {
  @TempDir Path temporary;

  private record Case(List<String> targets, List<String> saved) {}

  static List<Case> cases() {
    return List.of(
        new Case(List.of("all-linear"), List.of()),
        new Case(List.of("q_proj", "v_proj"), List.of()),
        new Case(List.of("v_proj"), List.of()),
        new Case(List.of("o_proj"), List.of()),
        new Case(List.of("up_proj"), List.of()),
        new Case(List.of("down_proj"), List.of("lm_head")),
        new Case(List.of("2.mlp.down_proj"), List.of()),
        new Case(List.of("1.self_attn.k_proj", "2.mlp.gate_proj"), List.of()),
        new Case(List.of("down_proj"), List.of("embed_tokens")),
        new Case(List.of("q_proj", "v_proj"), List.of("1.self_attn.k_proj", "1.mlp.up_proj")),
        new Case(List.of("all-linear"), List.of("1.self_attn.o_proj")),
        new Case(List.of("2.mlp.down_proj"), List.of("1.input_layernorm")),
        new Case(List.of("2.mlp.down_proj"), List.of("2.post_attention_layernorm", "norm")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void adaptersKeepWhatWasPlanned(Case the) {
    for (Method method : List.of(Method.LORA_FA, Method.LORA)) {
      for (DType dtype : DType.values()) {
        assertKeptAsPlanned(
            LocalTraining.config(method)
                .dtype(dtype)
                .targetModules(the.targets())
                .modulesToSave(the.saved()));
      }
    }
  }

  @Test
  void ranksAndLayersThatDifferKeepWhatWasPlanned() {
    for (Method method : List.of(Method.LORA_FA, Method.LORA)) {
      assertKeptAsPlanned(
          LocalTraining.config(method)
              .rankPattern(Map.of("v_proj", 2, "2.mlp.(up|down)_proj", 7))
              .layersToTransform(List.of(0, 2))
              .excludeModules(List.of("o_proj")));
    }
  }

  @ParameterizedTest
  @EnumSource
  void fullFineTuningKeepsWhatWasPlanned(DType dtype) {
    assertKeptAsPlanned(LocalTraining.config(Method.FULL).dtype(dtype));
  }

  /** Biases, windows, norms of heads, fused projections. */
  @ParameterizedTest
  @ValueSource(strings = {"llama-bias", "mistral", "qwen2", "qwen3", "phi3"})
  void otherModelTypesKeepWhatWasPlanned(String model) {
    Path folder = ReferenceRun.folder(model);
    List<String> fused = List.of("qkv_proj", "1.mlp.gate_up_proj");
    List<String> separate = List.of("1.self_attn.k_proj", "v_proj", "1.mlp.up_proj");
    for (List<String> targets :
        List.of(List.of("all-linear"), model.equals("phi3") ? fused : separate)) {
      for (Method method : List.of(Method.LORA_FA, Method.LORA)) {
        assertKeptAsPlanned(folder, LocalTraining.config(method).targetModules(targets));
      }
    }
    assertKeptAsPlanned(folder, LocalTraining.config(Method.FULL));
  }

  @Test
  void normsOfHeadsThatAreSavedKeepWhatWasPlanned() {
    assertKeptAsPlanned(
        ReferenceRun.folder("qwen3"),
        LocalTraining.config(Method.LORA_FA)
            .targetModules(List.of("1.mlp.down_proj"))
            .modulesToSave(List.of("1.self_attn.k_norm")));
  }

  private void assertKeptAsPlanned(TrainConfigBuilder builder) {
    assertKeptAsPlanned(LocalTraining.MODEL, builder);
  }

  private void assertKeptAsPlanned(Path model, TrainConfigBuilder builder) {
    for (Recompute recompute : Recompute.values()) {
      TrainConfig config = builder.batchSize(1).maxSteps(1).recompute(recompute).build();
      String name = config.method() + "-" + config.dtype() + "-" + recompute;
      TrainInputs inputs =
          new TrainInputs(
              config,
              model,
              Optional.empty(),
              ReferenceRun.data(),
              Optional.empty(),
              temporary.resolve(name));
      TrainSummary summary = LocalTraining.train(1, rank -> inputs).get(0).summary();
      try (HuggingFaceFolder folder = HuggingFaceFolder.open(model, config.dtype())) {
        TapePlan plan = TapePlan.of(config, folder.config());
        assertThat(summary.tapeBytes()).as(name).isEqualTo(plan.bytes(summary.tokens(), 0, 1));
        assertThat(plan.bytesPerToken()).isEqualTo(plan.bytes(1, 0, 0));
      }
    }
  }

  /** At 32 layers, rank 16 and two bytes a number. */
  @Test
  void llama7bAtRank16() {
    long loraFa = 84_992 + 14 * 16 + 8;
    long inputs = 2 * (4096 + 4096 + 4096 + 11_008);
    long embeddingAndLastNorm = 2 * 4096 + 4;
    assertThat(llama7b(Method.LORA_FA, Recompute.NONE)).isEqualTo(32 * loraFa);
    assertThat(llama7b(Method.LORA, Recompute.NONE)).isEqualTo(32 * (loraFa + inputs));
    assertThat(llama7b(Method.FULL, Recompute.NONE))
        .isEqualTo(32 * (loraFa + inputs - 14 * 16) + embeddingAndLastNorm);
  }

  /** What is left to LoRA is attention's output, and the lowest norm's, whose input is not kept. */
  @Test
  void elementwiseRecomputeSparesLoraMostInputs() {
    long loraFa = 84_992 + 14 * 16 + 8;
    assertThat(llama7b(Method.LORA, Recompute.ELEMENTWISE))
        .isEqualTo(32 * (loraFa + 2 * 4096) + 2 * 4096);
    assertThat(llama7b(Method.LORA_FA, Recompute.ELEMENTWISE)).isEqualTo(32 * loraFa);
  }

  /** With its feed-forward part or itself run again, a layer at a time. */
  @Test
  void recomputingLayersLeavesTheirInputs() {
    long loraFa = 84_992 + 14 * 16 + 8;
    long input = 2 * 4096;
    long mlp = 2 * (2 * 4096 + 3 * 4096) + 2 * 4 * 16 + 4;
    long lowestNorm = 2 * 4096 + 4;
    assertThat(llama7b(Method.LORA_FA, Recompute.MLP)).isEqualTo(31 * mlp - lowestNorm + loraFa);
    assertThat(llama7b(Method.LORA_FA, Recompute.LAYER)).isEqualTo(31 * input + loraFa);
    assertThat(llama7b(Method.LORA, Recompute.LAYER)).isEqualTo(31 * input + loraFa + input);
  }

  private static long llama7b(Method method, Recompute recompute) {
    LlamaConfig model =
        new LlamaConfig(32_000, 4096, 11_008, 32, 32, 32, 128, 1e-6, 1e4, false, 2048);
    AdapterConfig adapter = new AdapterConfig(16, 32, List.of("all-linear"), List.of(), false);
    return TapePlan.of(model, method, adapter, DType.BF16, recompute).bytesPerToken();
  }
}
