package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterFilesTest {
  private static final AdapterConfig Q_RANK_2 =
      new AdapterConfig(2, 4, List.of("q_proj"), List.of("lm_head"), false);
  private static final String Q = "model.layers.0.self_attn.q_proj";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adapter-zero",
        "adapter-nonzero",
        "adapter-rslora",
        "adapter-down",
        "adapter-head",
        "adapter-patterns",
        "adapter-regex",
        "adapter-saved",
        "adapter-tied-both"
      })
  void copiesWhatPeftWroteTensorByTensor(String name) {
    try (Scope scope = new Scope();
        AdapterFiles peft = AdapterFiles.open(Reference.path(name))) {
      Map<String, Tensor> tensors = peft.load(DType.FP32);
      AdapterFiles.write(folder, peft.config(), "llama-gqa", new Objective.CausalLm(), tensors);
      try (AdapterFiles ours = AdapterFiles.open(folder)) {
        assertThat(ours.config()).isEqualTo(peft.config());
        assertThat(ours.names()).containsExactlyInAnyOrderElementsOf(peft.names());
        ours.load(DType.FP32)
            .forEach((key, tensor) -> assertThat(tensor.equal(tensors.get(key))).as(key).isTrue());
      }
    }
  }

  @Test
  void namesTensorsByModule() {
    try (AdapterFiles adapter = AdapterFiles.open(Reference.path("adapter-down"))) {
      assertThat(adapter.names())
          .containsExactlyInAnyOrder(
              "model.layers.1.self_attn.v_proj.lora_A.weight",
              "model.layers.1.self_attn.v_proj.lora_B.weight",
              "model.layers.2.mlp.down_proj.lora_A.weight",
              "model.layers.2.mlp.down_proj.lora_B.weight");
      assertThat(adapter.shape("model.layers.2.mlp.down_proj.lora_A.weight"))
          .containsExactly(4, 48);
    }
    try (AdapterFiles adapter = AdapterFiles.open(Reference.path("adapter-head"))) {
      assertThat(adapter.names()).contains("lm_head.weight").hasSize(3 * 7 * 2 + 1);
    }
  }

  @Test
  void checksAgainstTheModel() {
    try (AdapterFiles adapter = AdapterFiles.open(Reference.path("adapter-down"))) {
      Map<String, long[]> expected = new HashMap<>();
      adapter.names().forEach(name -> expected.put(name, adapter.shape(name)));
      adapter.check(expected);

      expected.put("model.layers.2.mlp.down_proj.lora_A.weight", new long[] {4, 64});
      expected.put("model.layers.3.mlp.down_proj.lora_A.weight", new long[] {4, 48});
      expected.remove("model.layers.1.self_attn.v_proj.lora_B.weight");
      assertThatThrownBy(() -> adapter.check(expected))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("3 problems")
          .hasMessageContaining("down_proj.lora_A.weight has shape [4, 48] instead of [4, 64]")
          .hasMessageContaining("layers.3.mlp.down_proj.lora_A.weight [4, 48] is missing")
          .hasMessageContaining("v_proj.lora_B.weight is not known");
    }
  }

  @Test
  void namesEverythingThatDoesNotFitItsConfiguration() {
    write(
        Map.of(
            Q + ".lora_A.weight",
            new long[] {3, 8},
            Q + ".lora_magnitude_vector",
            new long[] {8},
            "model.layers.0.mlp.up_proj.lora_A.weight",
            new long[] {2, 8},
            "model.layers.0.mlp.up_proj.lora_B.weight",
            new long[] {8, 2}));

    assertThatThrownBy(() -> AdapterFiles.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot use adapter: " + folder)
        .hasMessageContaining("6 problems")
        .hasMessageContaining("q_proj.lora_A.weight has shape [3, 8], which does not fit rank 2")
        .hasMessageContaining("q_proj.lora_B.weight is missing")
        .hasMessageContaining("q_proj.lora_magnitude_vector is neither")
        .hasMessageContaining("up_proj.lora_A.weight is of no module in target_modules [q_proj]")
        .hasMessageContaining("up_proj.lora_B.weight is of no module in target_modules [q_proj]")
        .hasMessageContaining("the tensors of lm_head in modules_to_save are missing");
  }

  private void write(Map<String, long[]> shapes) {
    try (Scope scope = new Scope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      shapes.forEach((name, shape) -> tensors.put(name, Numbers.counting(shape)));
      AdapterFiles.write(folder, Q_RANK_2, "base", new Objective.CausalLm(), tensors);
    }
  }

  @Test
  void refusesForeignKeys() throws IOException {
    Files.writeString(
        folder.resolve("adapter_config.json"),
        PeftConfigParser.toJson(Q_RANK_2, "base", new Objective.CausalLm()));
    Path model =
        Safetensors.file(
            folder,
            Safetensors.padded("{" + Safetensors.tensor("lora_A", "F32", "[1]", "[0,4]") + "}"),
            4);
    Files.move(model, folder.resolve("adapter_model.safetensors"));

    assertThatThrownBy(() -> AdapterFiles.open(folder))
        .hasMessageContaining("tensor lora_A does not begin with base_model.model.");
  }

  @Test
  void refusesPicklesAndEmptyFolders() throws IOException {
    assertThatThrownBy(() -> AdapterFiles.open(folder.resolve("no")))
        .hasMessageContaining("Cannot open adapter: " + folder.resolve("no"));
    assertThatThrownBy(() -> AdapterFiles.open(folder))
        .hasMessageContaining("adapter_config.json")
        .hasMessageContaining("there is no such file");
    Files.writeString(folder.resolve("adapter_model.bin"), "x");
    assertThatThrownBy(() -> AdapterFiles.open(folder))
        .hasMessageContaining("it holds pickles only: adapter_model.bin");
  }

  @Test
  void leavesNothingAside() throws IOException {
    write(
        Map.of(
            Q + ".lora_A.weight",
            new long[] {2, 8},
            Q + ".lora_B.weight",
            new long[] {8, 2},
            "lm_head.weight",
            new long[] {5, 8}));

    AdapterFiles.open(folder).close();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("adapter_config.json", "adapter_model.safetensors");
    }
  }
}
