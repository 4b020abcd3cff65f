package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.fuzz.Damaged;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged tokenizers, opened by the native library, which could end the process that does. */
class NativeTokenizerProperties {
  /** Reading a tokenizer takes some milliseconds. */
  private static final int SHARE = 20;

  @ParameterizedTest
  @ValueSource(strings = {"tokenizer", "tokenizer-metaspace"})
  void damagedTokenizersAreReadOrRefusedAndEndNoProcess(String name, @TempDir Path folder)
      throws Exception {
    int count = Damaged.count(SHARE);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                TokenizerFuzzMain.class.getName(),
                Reference.path(name + "/tokenizer.json").toString(),
                folder.toString(),
                "" + count)
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    String last = printed.strip().replaceFirst("(?s).*refused (\\d+)$", "$1");
    assertThat(Integer.parseInt(last)).as(printed).isBetween(count / 4, count - 1);
    System.out.printf("%s: %d inputs, %s refused%n", name, count, last);
  }
}
