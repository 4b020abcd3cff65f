package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Damages files at random, with fixed seeds: each is read all the same, or refused in our words.
 */
class FuzzTest {
  private static final List<String> SPICES =
      List.of(
          "0",
          "-1",
          "9223372036854775807",
          "1e400",
          "null",
          "[[[[[[[[[[",
          "{\"a\":",
          "\"",
          "\\u0000",
          "\uFEFF",
          "true",
          "[]",
          "{}",
          ",",
          "4294967296",
          "\"F32\"",
          "\"../x\"");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "llama-gqa, model.safetensors, 400",
    "llama-gqa, config.json, 400",
    "llama-tied, model.safetensors.index.json, 300",
    "llama-tied, model-00002-of-00003.safetensors, 200",
    "adapter-head, adapter_model.safetensors, 300",
    "adapter-head, adapter_config.json, 300"
  })
  void damagedFilesAreReadOrRefused(String source, String name, int times) throws IOException {
    try (Stream<Path> files = Files.list(Reference.path(source))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
    byte[] whole = Files.readAllBytes(folder.resolve(name));
    int refused = 0;
    for (int i = 0; i < times; i++) {
      Files.write(folder.resolve(name), damaged(whole, name, new Random(i)));
      refused += opens(name) ? 0 : 1;
    }
    assertThat(refused).isGreaterThan(times / 4);
  }

  private boolean opens(String name) {
    try {
      if (name.startsWith("adapter")) {
        adapter();
      } else {
        base();
      }
      return true;
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageStartingWith("Cannot ");
      assertThat(e.getMessage()).hasSizeLessThan(20_000);
      return false;
    }
  }

  private void base() {
    try (Scope scope = new Scope();
        HuggingFaceFolder base = HuggingFaceFolder.open(folder, DType.FP32)) {
      base.checkTensors();
      base.checkNumbers();
      base.endOfTextIds();
      for (String tensor : base.names()) {
        if (base.config().tensors().containsKey(tensor)) {
          base.load(tensor, base.config().tensors().get(tensor));
        }
      }
    }
  }

  private void adapter() {
    try (Scope scope = new Scope();
        AdapterFiles adapter = AdapterFiles.open(folder);
        HuggingFaceFolder base = HuggingFaceFolder.open(Reference.path("llama-gqa"), DType.FP32)) {
      adapter.checkFits(adapter.config(), base.config());
      adapter.checkNumbers();
      adapter.load(DType.FP32);
    }
  }

  private static byte[] damaged(byte[] whole, String name, Random random) {
    int sense = sense(whole, name);
    return switch (random.nextInt(5)) {
      case 0 -> Arrays.copyOf(whole, random.nextInt(whole.length));
      case 1 -> spliced(whole, random.nextInt(sense), random.nextInt(40), new byte[0]);
      case 2 -> {
        byte[] spice = SPICES.get(random.nextInt(SPICES.size())).getBytes(StandardCharsets.UTF_8);
        yield spliced(whole, random.nextInt(sense), random.nextInt(8), spice);
      }
      case 3 -> {
        byte[] noise = new byte[1 + random.nextInt(20)];
        random.nextBytes(noise);
        yield spliced(whole, random.nextInt(sense), noise.length, noise);
      }
      default -> {
        byte[] flipped = whole.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
          flipped[random.nextInt(sense)] ^= (byte) (1 << random.nextInt(8));
        }
        yield flipped;
      }
    };
  }

  /** Bytes from the start that mean something: any number may stand in the data. */
  private static int sense(byte[] whole, String name) {
    return name.endsWith(".safetensors")
        ? 8 + (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong()
        : whole.length;
  }

  private static byte[] spliced(byte[] whole, int at, int cut, byte[] put) {
    int after = Math.min(whole.length, at + cut);
    return ByteBuffer.allocate(at + put.length + whole.length - after)
        .put(whole, 0, at)
        .put(put)
        .put(whole, after, whole.length - after)
        .array();
  }
}
