package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullCheckpointWriterTest {
  @TempDir Path folder;

  @Test
  void writesOneFile() throws IOException {
    Path source = Reference.path("llama-gqa");
    try (Scope scope = new Scope();
        HuggingFaceFolder before = HuggingFaceFolder.open(source, DType.FP32)) {
      Map<String, Tensor> tensors = tensors(before);
      FullCheckpointWriter.write(source, folder.resolve("out"), tensors, DType.BF16);
      try (HuggingFaceFolder after = HuggingFaceFolder.open(folder.resolve("out"), DType.FP32)) {
        after.checkTensors();
        assertThat(after.config()).isEqualTo(before.config());
        assertThat(after.bytes()).isEqualTo(before.bytes() / 2);
        Tensor rounded = tensors.get("lm_head.weight").to(DType.BF16.scalarType());
        assertThat(Numbers.of(after.load("lm_head.weight", 97, 32))).isEqualTo(Numbers.of(rounded));
      }
      assertThat(json("out/config.json").get("dtype").textValue()).isEqualTo("bfloat16");
      assertThat(json("out/config.json").get("head_dim").intValue()).isEqualTo(12);
    }
  }

  @Test
  void writesShardsWithAnIndex() throws IOException {
    Path source = Reference.path("llama-tied");
    try (Scope scope = new Scope();
        HuggingFaceFolder before = HuggingFaceFolder.open(source, DType.BF16)) {
      Map<String, Tensor> tensors = tensors(before);
      FullCheckpointWriter.write(source, folder, tensors, DType.FP32, 30_000);
      try (HuggingFaceFolder after = HuggingFaceFolder.open(folder, DType.BF16)) {
        after.checkTensors();
        tensors(after)
            .forEach(
                (name, tensor) -> assertThat(tensor.equal(tensors.get(name))).as(name).isTrue());
        JsonNode index = json("model.safetensors.index.json");
        assertThat(index.at("/metadata/total_size").longValue()).isEqualTo(after.bytes());
        assertThat(index.at("/weight_map/model.norm.weight").textValue())
            .matches("model-0000\\d-of-0000\\d\\.safetensors");
      }
      assertThat(json("config.json").get("torch_dtype").textValue()).isEqualTo("float32");
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files.filter(file -> file.toString().endsWith(".safetensors")))
            .hasSizeBetween(3, 4);
      }
    }
  }

  @Test
  void copiesTokenizerAndGenerationSettings() throws IOException {
    Path source = folder.resolve("in");
    Files.createDirectory(source);
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(Reference.path("llama-gqa").resolve(name), source.resolve(name));
    }
    Files.writeString(source.resolve("tokenizer.json"), "{\"a\": 1}");
    Files.writeString(source.resolve("generation_config.json"), "{}");
    Files.writeString(source.resolve("optimizer.pt"), "x");
    try (Scope scope = new Scope();
        HuggingFaceFolder before = HuggingFaceFolder.open(source, DType.FP32)) {
      FullCheckpointWriter.write(source, folder.resolve("out"), tensors(before), DType.FP32);
    }
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "config.json", "model.safetensors", "tokenizer.json", "generation_config.json");
    }
    assertThat(folder.resolve("out/tokenizer.json")).hasContent("{\"a\": 1}");
  }

  private static Map<String, Tensor> tensors(HuggingFaceFolder checkpoint) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    checkpoint
        .config()
        .tensors()
        .forEach((name, shape) -> tensors.put(name, checkpoint.load(name, shape)));
    return tensors;
  }

  private JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(name).toFile());
  }
}
