package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.sparklorafa.checkpoint.SafetensorsWriter.Entry;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user reads when a file is not what its name says; the whole messages. */
class HostileFilesTest {
  private static final String AGAIN = "(download or write the file again)";

  @TempDir Path folder;

  private Path file(String name) {
    return folder.resolve(name);
  }

  private void copy(String source) throws IOException {
    try (Stream<Path> files = Files.list(Reference.path(source))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, file(file.getFileName().toString()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static void refuses(Runnable reading, String message) {
    assertThatIllegalArgumentException().isThrownBy(reading::run).withMessage(message);
  }

  private void openBase() {
    HuggingFaceFolder.open(folder, DType.FP32).close();
  }

  @Test
  void whatStandsInTheFilesPlaceIsSaid() throws IOException {
    Path weights = file("model.safetensors");
    Runnable read = () -> SafetensorsFile.open(weights);
    String message = "Cannot read safetensors file: " + weights + " " + AGAIN + ": ";

    refuses(read, message + "there is no such file");
    Files.createDirectory(weights);
    refuses(read, message + "there is a folder of that name, no file");
    Files.delete(weights);
    Files.createSymbolicLink(weights, file("model.safetensors"));
    refuses(read, message + "it is a link that leads to no file");
    Files.delete(weights);
    Files.createSymbolicLink(weights, Path.of("/dev/zero"));
    refuses(read, message + "it is a pipe or a device, no file");
    Files.delete(weights);
    Files.createFile(weights);
    refuses(read, message + "the file has 0 bytes, fewer than the 8 of the header's length");
    Files.write(weights, new byte[8]);
    refuses(read, message + "the header is not a JSON object");
  }

  @Test
  void configurationAndWeightsAreRefusedTogether() throws IOException {
    Files.writeString(file("config.json"), "{\"model_type\": \"llama\", \"hidden_size\": 0}");
    Files.write(file("model.safetensors"), new byte[3]);

    refuses(
        this::openBase,
        "Cannot use model configuration: "
            + file("config.json")
            + " (use a checkpoint without what is named): hidden_size is 0 (a positive integer"
            + " is needed)\nCannot read safetensors file: "
            + file("model.safetensors")
            + " "
            + AGAIN
            + ": the file has 3 bytes, fewer than the 8 of the header's length");
  }

  @Test
  void damagedJsonIsRefusedByItsDamage() throws IOException {
    copy("llama-gqa");
    Path json = file("config.json");
    String cannotUse =
        "Cannot use model configuration: " + json + " (use a checkpoint without what is named): ";
    String cannotRead = "Cannot read: " + json + " (give a folder with the whole checkpoint): ";

    Files.writeString(json, "");
    refuses(this::openBase, cannotUse + "it is not a JSON object");
    Files.writeString(json, "{\"a\": 1, \"a\": 2}");
    refuses(this::openBase, cannotUse + "it is not valid JSON: Duplicate field 'a'");
    Files.writeString(json, "{\"a\":".repeat(100));
    refuses(
        this::openBase,
        cannotUse
            + "it is not valid JSON: Depth (65) exceeds the maximum allowed nesting depth (64)");
    Files.writeString(json, "\uFEFF{}");
    refuses(this::openBase, cannotUse + "it begins with a byte order mark");
    Files.write(json, "{\"é\": 1}".getBytes(StandardCharsets.ISO_8859_1));
    refuses(this::openBase, cannotRead + "it is not UTF-8 text");
    try (var channel = Files.newByteChannel(json, java.nio.file.StandardOpenOption.WRITE)) {
      channel.position(65L << 20).write(java.nio.ByteBuffer.wrap(new byte[1]));
    }
    refuses(this::openBase, cannotRead + "it has 68157441 bytes, more than 67108864");
  }

  @Test
  void sizesThatNoModelHasAreRefused() throws IOException {
    copy("llama-gqa");
    Files.writeString(
        file("config.json"),
        "{\"model_type\": \"llama\", \"num_hidden_layers\": 2000000000, \"vocab_size\": 2000000000,"
            + " \"hidden_size\": 2000000000, \"intermediate_size\": 2000000000,"
            + " \"num_attention_heads\": 2000000, \"head_dim\": 2000000}");

    assertThatIllegalArgumentException()
        .isThrownBy(this::openBase)
        .withMessageContaining("num_hidden_layers is 2000000000 (at most 10000 is supported)")
        .withMessageContaining("vocab_size is 2000000000 (at most 16777216 is supported)")
        .withMessageContaining("hidden_size is 2000000000 (at most 1048576 is supported)")
        .withMessageContaining("intermediate_size is 2000000000 (at most 16777216 is supported)")
        .withMessageContaining("num_attention_heads is 2000000 (at most 65536 is supported)")
        .withMessageContaining("head_dim is 2000000 (at most 65536 is supported)");
  }

  @Test
  void weightsThatAreNoNumbersAreCounted() {
    float nan = Float.NaN;
    float inf = Float.POSITIVE_INFINITY;
    try (Scope scope = new Scope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("good", Numbers.counting(3));
      tensors.put("large", AbstractTensor.create(3e38f, 3e38f));
      tensors.put("broken", AbstractTensor.create(nan, 1, inf, -inf, nan, nan));
      tensors.put("opposed", AbstractTensor.create(inf, -inf));
      SafetensorsWriter.write(
          file("model.safetensors"),
          List.of(
              new Entry("half", DType.BF16, tensors.get("broken")),
              new Entry("opposed", DType.FP32, tensors.get("opposed")),
              new Entry("good", DType.FP32, tensors.get("good")),
              new Entry("large", DType.FP32, tensors.get("large"))));
    }
    try (SafetensorsFile weights = SafetensorsFile.open(file("model.safetensors"))) {
      refuses(
          () -> FiniteWeights.check(folder, Map.of("w", weights)),
          "Cannot use weights: "
              + folder
              + " (download it again, or train it anew from a checkpoint before the numbers broke):"
              + " 2 problems\n  - tensor opposed holds 0 NaN and 2 infinite of 2 numbers\n  - tensor"
              + " half holds 3 NaN and 2 infinite of 6 numbers");
    }
  }

  @Test
  void aFileThatChangesWhileItIsOpenIsRefused() throws IOException {
    copy("llama-gqa");
    Path weights = file("model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    String message = "Cannot load from: " + weights + ": ";
    String wayOut = " (start again, and replace a file in use by renaming another over it)";
    try (Scope scope = new Scope();
        SafetensorsFile file = SafetensorsFile.open(weights)) {
      Runnable load = () -> file.load("model.norm.weight", DType.FP32);
      Files.write(weights, java.util.Arrays.copyOf(whole, 100));
      refuses(load, message + "it has 100 bytes now and had " + whole.length + wayOut);
      Files.delete(weights);
      refuses(load, message + "it is gone" + wayOut);
    }
    Files.write(weights, whole);
    try (Scope scope = new Scope();
        SafetensorsFile file = SafetensorsFile.open(weights)) {
      Runnable load = () -> file.load("model.norm.weight", DType.FP32);
      load.run();
      // Who has mapped a file keeps it, whatever its name is given to.
      Files.write(file("other"), new byte[10]);
      Files.move(file("other"), weights, StandardCopyOption.REPLACE_EXISTING);
      load.run();
      Files.delete(weights);
      load.run();
    }
  }

  @Test
  void anAdapterInTheModelsPlaceIsTold() throws IOException {
    copy("adapter-head");

    refuses(
        this::openBase,
        "Cannot open checkpoint: %s holds an adapter (give its base model, and this as adapter)"
            .formatted(folder));
  }

  @Test
  void anAdapterOfAnotherModelIsRefusedTensorByTensor() throws IOException {
    copy("adapter-down");
    AdapterConfig config;
    try (AdapterFiles adapter = AdapterFiles.open(folder)) {
      config = adapter.config();
    }
    try (Scope scope = new Scope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("model.layers.1.self_attn.v_proj.lora_A.weight", Numbers.counting(4, 31));
      tensors.put("model.layers.1.self_attn.v_proj.lora_B.weight", Numbers.counting(24, 4));
      tensors.put("model.layers.7.self_attn.v_proj.lora_A.weight", Numbers.counting(4, 32));
      tensors.put("model.layers.7.self_attn.v_proj.lora_B.weight", Numbers.counting(24, 4));
      AdapterFiles.write(
          folder,
          new AdapterConfig(
              4, 8, List.of("self_attn.v_proj", "2.mlp.down_proj"), List.of(), config.rsLora()),
          "base",
          new Objective.CausalLm(),
          tensors);
    }
    Path base = Reference.path("llama-gqa");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AdaptedModel.open(base, Optional.of(folder), DType.FP32))
        .withMessageStartingWith(
            "Cannot use adapter: "
                + folder
                + " (give an adapter of this base model and these settings): ")
        .withMessageContaining(
            "layers.1.self_attn.v_proj.lora_A.weight has shape [4, 31] instead of [4, 32]")
        .withMessageContaining("layers.0.self_attn.v_proj.lora_A.weight [4, 32] is missing")
        .withMessageContaining("layers.2.mlp.down_proj.lora_B.weight [32, 4] is missing")
        .withMessageContaining("layers.7.self_attn.v_proj.lora_A.weight is not known");
  }

  @Test
  void anAdaptersBrokenNumbersAreNamed() throws IOException {
    copy("adapter-down");
    AdapterConfig config;
    Map<String, Tensor> tensors;
    try (Scope scope = new Scope()) {
      try (AdapterFiles adapter = AdapterFiles.open(folder)) {
        config = adapter.config();
        tensors = new LinkedHashMap<>(adapter.load(DType.FP32));
      }
      String broken = "model.layers.1.self_attn.v_proj.lora_B.weight";
      float[] numbers = Numbers.of(tensors.get(broken));
      numbers[5] = Float.NaN;
      tensors.put(broken, AbstractTensor.create(numbers, Numbers.shape(tensors.get(broken))));
      AdapterFiles.write(folder, config, "base", new Objective.CausalLm(), tensors);
      try (AdapterFiles adapter = AdapterFiles.open(folder)) {
        refuses(
            adapter::checkNumbers,
            ("Cannot use weights: %s (download it again, or train it anew from a checkpoint before the"
                    + " numbers broke): tensor base_model.model.%s holds 1 NaN and 0 infinite of %d"
                    + " numbers")
                .formatted(folder, broken, numbers.length));
      }
    }
    assertThat(tensors).isNotEmpty();
  }
}
