package io.github.sparklorafa.checkpoint;

import static io.github.sparklorafa.TensorAssert.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(InScope.class)
class MergedCheckpointTest {
  private static final long ONE_FILE = 1 << 30;
  private static final int[] IDS = {1, 17, 42, 96, 3, 8};

  @TempDir Path folder;

  /** {@code adapter-nonzero} and the others have a random B, and saved weights that differ. */
  @ParameterizedTest
  @CsvSource({
    "llama-gqa, adapter-nonzero",
    "llama-gqa, adapter-rslora",
    "llama-gqa, adapter-patterns",
    "llama-gqa, adapter-regex",
    "llama-gqa, adapter-saved",
    "llama-tied, adapter-tied-head",
    "llama-tied, adapter-tied-embed",
    "llama-tied, adapter-tied-both",
  })
  void computesWhatTheAdapterOnItsBaseDoes(String base, String adapter) throws IOException {
    Path output = folder.resolve("merged");
    try (MergedCheckpoint merged = open(base, adapter)) {
      merged.write(output, Optional.of(DType.FP32), ONE_FILE);
    }
    Tensor expected = logits(Reference.path(base), Optional.of(Reference.path(adapter)));
    assertThat(expected.abs().max().item_double()).isGreaterThan(1);
    assertClose("logits", logits(output, Optional.empty()), expected, 1e-5);
    assertThat(json(output, "config.json").get("tie_word_embeddings").booleanValue())
        .isEqualTo(false);
    try (HuggingFaceFolder checkpoint = HuggingFaceFolder.open(output, DType.FP32)) {
      checkpoint.checkTensors();
    }
  }

  /** After the 20 steps that PEFT trained; the heads stay tied to the embeddings. */
  @ParameterizedTest
  @ValueSource(strings = {"mistral", "qwen2", "qwen3", "phi3"})
  void otherModelTypesComputeWhatTheAdapterOnItsBaseDoes(String base) throws IOException {
    String adapter = "runs/" + base + "/adapter-final";
    Path output = folder.resolve("merged");
    try (MergedCheckpoint merged = open(base, adapter)) {
      assertThat(merged.mergedModules()).isEqualTo(base.equals("phi3") ? 8 : 14);
      merged.write(output, Optional.of(DType.FP32), ONE_FILE);
    }
    Tensor plain = logits(Reference.path(base), Optional.empty());
    Tensor expected = logits(Reference.path(base), Optional.of(Reference.path(adapter)));
    assertThat(expected.sub(plain).abs().max().item_double()).isGreaterThan(1);
    assertClose("logits", logits(output, Optional.empty()), expected, 1e-5);
    JsonNode config = json(output, "config.json");
    assertThat(config.get("model_type").textValue()).isEqualTo(base);
    assertThat(config.get("tie_word_embeddings").booleanValue()).isTrue();
    try (HuggingFaceFolder checkpoint = HuggingFaceFolder.open(output, DType.FP32)) {
      checkpoint.checkTensors();
    }
  }

  private static MergedCheckpoint open(String base, String adapter) {
    return MergedCheckpoint.open(Reference.path(base), Reference.path(adapter));
  }

  private static Tensor logits(Path base, Optional<Path> adapter) {
    try (Scope scope = new Scope();
        AdaptedModel adapted = AdaptedModel.open(base, adapter, DType.FP32)) {
      return scope.keep(adapted.causal().logits(IDS, new Sequences(0, IDS.length)));
    }
  }

  @Test
  void keepsTheStoredDtypeAndRoundsOnce() throws IOException {
    Path output = folder.resolve("merged");
    String module = "model.layers.1.self_attn.v_proj";
    try (MergedCheckpoint merged = open("llama-tied", "adapter-tied-head")) {
      assertThat(merged.mergedModules()).isEqualTo(2);
      assertThat(merged.replacedWeights()).isEqualTo(1);
      merged.write(output, Optional.empty(), 30_000);
    }
    try (HuggingFaceFolder before =
            HuggingFaceFolder.open(Reference.path("llama-tied"), DType.FP32);
        HuggingFaceFolder after = HuggingFaceFolder.open(output, DType.FP32);
        AdapterFiles adapter = AdapterFiles.open(Reference.path("adapter-tied-head"))) {
      assertThat(after.names()).allMatch(name -> after.storedDtype(name).equals("BF16"));
      assertThat(after.names()).hasSize(before.names().size() + 1);
      Tensor w = before.load(module + ".weight", 32, 32);
      Tensor update =
          adapter
              .load(module + ".lora_B.weight", DType.FP32)
              .mm(adapter.load(module + ".lora_A.weight", DType.FP32));
      Tensor exact = w.add(update, Scalars.of(2));
      assertThat(after.loadStored(module + ".weight").equal(exact.to(DType.BF16.scalarType())))
          .isTrue();
      String untouched = "model.layers.1.self_attn.q_proj.weight";
      assertThat(after.loadStored(untouched).equal(before.loadStored(untouched))).isTrue();
    }
    JsonNode config = json(output, "config.json");
    assertThat(config.get("torch_dtype").textValue()).isEqualTo("bfloat16");
    assertThat(config.get("rope_theta").intValue()).isEqualTo(700);
    try (Stream<Path> files = Files.list(output)) {
      assertThat(files.filter(file -> file.toString().endsWith(".safetensors")))
          .hasSizeGreaterThan(1);
    }
  }

  /** A head that stays tied is in no file. */
  @Test
  void leavesATiedHeadTied() throws IOException {
    Path adapter = folder.resolve("adapter");
    try (AdapterFiles peft = AdapterFiles.open(Reference.path("adapter-tied-head"))) {
      Map<String, Tensor> tensors = peft.load(DType.FP32);
      tensors.remove("lm_head.weight");
      AdapterConfig config = new AdapterConfig(4, 8, List.of("v_proj"), List.of(), false);
      AdapterFiles.write(adapter, config, "llama-tied", new Objective.CausalLm(), tensors);
    }
    Path output = folder.resolve("merged");
    try (MergedCheckpoint merged = MergedCheckpoint.open(Reference.path("llama-tied"), adapter)) {
      merged.write(output, Optional.of(DType.FP32), ONE_FILE);
    }
    assertThat(json(output, "config.json").get("tie_word_embeddings").booleanValue()).isTrue();
    try (HuggingFaceFolder checkpoint = HuggingFaceFolder.open(output, DType.FP32)) {
      assertThat(checkpoint.names()).doesNotContain("lm_head.weight");
    }
    assertClose(
        "logits",
        logits(output, Optional.empty()),
        logits(Reference.path("llama-tied"), Optional.of(adapter)),
        1e-5);
  }

  @Test
  void refusesAnAdapterOfAnotherBase() {
    assertThatThrownBy(() -> open("llama-tied", "adapter-patterns"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot use adapter: ")
        .hasMessageContaining("layers.2.mlp.down_proj.lora_A.weight is not known")
        .hasMessageContaining("layers.0.self_attn.v_proj.lora_B.weight has shape [24, 2]");
  }

  private static JsonNode json(Path output, String name) throws IOException {
    return new ObjectMapper().readTree(output.resolve(name).toFile());
  }
}
