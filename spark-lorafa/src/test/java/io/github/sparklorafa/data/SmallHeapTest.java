package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallHeapTest {

  @Test
  void tokensMayBeMoreThanTheHeapHolds(@TempDir Path folder)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx24m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                SmallHeapMain.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();

    String[] words = printed.lines().reduce((first, last) -> last).orElseThrow().split(" ");
    assertThat(Long.parseLong(words[0]))
        .as("bytes of the tokens")
        .isGreaterThan(2 * Long.parseLong(words[1]));
    assertThat(words[2]).as("all read").isEqualTo("true");
  }
}
