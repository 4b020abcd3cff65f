package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HuggingFaceFolderTest {
  private static final String CONFIG =
      """
      {"model_type": "llama", "vocab_size": 2, "hidden_size": 2, "intermediate_size": 2,
       "num_hidden_layers": 1, "num_attention_heads": 1, "tie_word_embeddings": true}
      """;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"llama-gqa", "llama-tied"})
  void checksWhatTransformersWrote(String name) {
    try (HuggingFaceFolder checkpoint = HuggingFaceFolder.open(Reference.path(name), DType.FP32)) {
      checkpoint.checkTensors();
      assertThat(checkpoint.endOfTextIds()).containsExactly(2);
    }
  }

  @Test
  void loadsFromOneFile() {
    try (Scope scope = new Scope();
        HuggingFaceFolder checkpoint =
            HuggingFaceFolder.open(Reference.path("llama-gqa"), DType.BF16)) {
      Tensor head = checkpoint.load("lm_head.weight", 97, 32);
      assertThat(head.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
      assertThat(checkpoint.has("lm_head.weight")).isTrue();
      assertThat(checkpoint.has("lm_head.bias")).isFalse();
      assertThat(checkpoint.storedDtype("lm_head.weight")).isEqualTo("F32");
      assertThat(((LlamaConfig) checkpoint.config()).headDim()).isEqualTo(12);
    }
  }

  @Test
  void loadsFromShards() {
    try (Scope scope = new Scope();
        HuggingFaceFolder checkpoint =
            HuggingFaceFolder.open(Reference.path("llama-tied"), DType.FP32)) {
      assertThat(checkpoint.names()).hasSize(2 + 2 * 9);
      assertThat(checkpoint.bytes()).isEqualTo(2L * numbersOf(checkpoint));
      for (String name : checkpoint.names()) {
        assertThat(checkpoint.storedDtype(name)).isEqualTo("BF16");
      }
      assertThat(Numbers.of(checkpoint.load("model.norm.weight", 32)))
          .hasSize(32)
          .doesNotContain(Float.NaN);
    }
  }

  private static long numbersOf(HuggingFaceFolder checkpoint) {
    return checkpoint.config().tensors().values().stream()
        .mapToLong(
            shape -> {
              long numbers = 1;
              for (long dimension : shape) {
                numbers *= dimension;
              }
              return numbers;
            })
        .sum();
  }

  @Test
  void refusesTheWrongShapeAndName() {
    try (HuggingFaceFolder checkpoint =
        HuggingFaceFolder.open(Reference.path("llama-gqa"), DType.FP32)) {
      assertThatThrownBy(() -> checkpoint.load("lm_head.weight", 32, 97))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("lm_head.weight has shape [97, 32] instead of [32, 97]");
      assertThatThrownBy(() -> checkpoint.load("lm_head.bias", 97))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Cannot load tensor: lm_head.bias");
    }
  }

  @Test
  void namesEveryMissingSurplusAndMisshapenTensor() throws IOException {
    Files.writeString(folder.resolve("config.json"), CONFIG);
    Safetensors.file(
        folder,
        Safetensors.padded(
            "{%s,%s,%s,%s}"
                .formatted(
                    Safetensors.tensor("model.norm.weight", "F32", "[1]", "[0,4]"),
                    Safetensors.tensor("lm_head.weight", "F32", "[1]", "[4,8]"),
                    Safetensors.tensor("model.embed_tokens.weight", "I16", "[2,2]", "[8,16]"),
                    Safetensors.tensor("score.weight", "F32", "[1]", "[16,20]"))),
        20);
    try (HuggingFaceFolder checkpoint = HuggingFaceFolder.open(folder, DType.FP32)) {
      assertThatThrownBy(checkpoint::checkTensors)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Cannot use checkpoint: " + folder)
          .hasMessageContaining("12 problems")
          .hasMessageContaining("tensor model.norm.weight has shape [1] instead of [2]")
          .hasMessageContaining("tensor model.embed_tokens.weight has dtype I16 instead of F32")
          .hasMessageContaining("tensor model.layers.0.mlp.up_proj.weight [2, 2] is missing")
          .hasMessageContaining("tensor score.weight is not known")
          .hasMessageNotContaining("lm_head");
    }
  }

  @Test
  void refusesPicklesAndSaysHowToConvert() throws IOException {
    Files.writeString(folder.resolve("config.json"), CONFIG);
    Files.writeString(folder.resolve("pytorch_model-00001-of-00002.bin"), "x");

    assertThatThrownBy(() -> HuggingFaceFolder.open(folder, DType.FP32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("it holds pickles only: pytorch_model-00001-of-00002.bin")
        .hasMessageContaining("save_pretrained(folder, safe_serialization=True)");
  }

  @Test
  void refusesFoldersWithoutACheckpoint() throws IOException {
    assertThatThrownBy(() -> HuggingFaceFolder.open(folder.resolve("no"), DType.FP32))
        .hasMessageContaining("give the folder of a downloaded checkpoint");
    assertThatThrownBy(() -> HuggingFaceFolder.open(folder, DType.FP32))
        .hasMessageContaining("config.json")
        .hasMessageContaining("there is no such file");
    Files.writeString(folder.resolve("config.json"), CONFIG);
    assertThatThrownBy(() -> HuggingFaceFolder.open(folder, DType.FP32))
        .hasMessageContaining("model.safetensors.index.json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"../secret.safetensors\"",
        "\"/etc/passwd.safetensors\"",
        "\"sub/model.safetensors\"",
        "\"..\\\\secret.safetensors\"",
        "\"a\\u0000.safetensors\"",
        "\"pytorch_model.bin\"",
        "7"
      })
  void anIndexCannotLeadOutOfTheFolder(String shard) throws IOException {
    assertThatThrownBy(() -> openWithIndex("{\"weight_map\": {\"w\": " + shard + "}}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tensor w is said to be in")
        .hasMessageContaining("which is not the name of a safetensors file in the folder");
  }

  @Test
  void namesEverythingThatIsWrongWithShards() throws IOException {
    Path shard =
        Safetensors.file(
            folder,
            Safetensors.padded(
                "{%s,%s}"
                    .formatted(
                        Safetensors.tensor("a", "F32", "[1]", "[0,4]"),
                        Safetensors.tensor("b", "F32", "[1]", "[4,8]"))),
            8);
    Files.move(shard, folder.resolve("one.safetensors"));

    assertThatThrownBy(
            () ->
                openWithIndex(
                    """
                    {"weight_map": {"a": "one.safetensors", "c": "one.safetensors",
                                    "d": "two.safetensors"}}
                    """))
        .hasMessageContaining("3 problems")
        .hasMessageContaining("one.safetensors holds tensor b, which the index does not say")
        .hasMessageContaining("one.safetensors does not hold tensor c, as the index says")
        .hasMessageContaining("two.safetensors (download or write the file again): there is no");
    assertThatThrownBy(() -> openWithIndex("{\"metadata\": {}}"))
        .hasMessageContaining("weight_map is not an object with tensors");
  }

  private HuggingFaceFolder openWithIndex(String index) throws IOException {
    Files.writeString(folder.resolve("config.json"), CONFIG);
    Files.writeString(folder.resolve("model.safetensors.index.json"), index);
    return HuggingFaceFolder.open(folder, DType.FP32);
  }

  @Test
  void readsTheEndOfTextWhereverItStands() throws IOException {
    try (Stream<Path> files = Files.list(Reference.path("llama-gqa"))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [5, 9]}");
    try (HuggingFaceFolder checkpoint = HuggingFaceFolder.open(folder, DType.FP32)) {
      assertThat(checkpoint.endOfTextIds()).containsExactlyInAnyOrder(5, 9);
    }
  }
}
