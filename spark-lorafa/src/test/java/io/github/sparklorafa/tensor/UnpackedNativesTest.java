package io.github.sparklorafa.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedNativesTest {
  /** Without the lock some of them die of a SIGBUS. */
  @Test
  @Tag("long")
  void processesThatUnpackTogetherAllLoad(@TempDir Path cache) throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(loading(cache));
    }
    for (Process process : processes) {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
    }
    try (Stream<Path> files = Files.list(cache)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.startsWith(".unpacked-"))
          .hasSize(1);
    }
  }

  private static Process loading(Path cache) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dorg.bytedeco.javacpp.cachedir=" + cache,
            "-XX:ErrorFile=" + cache.resolve("died-%p.log"),
            "-cp",
            System.getProperty("java.class.path"),
            Loading.class.getName())
        .redirectErrorStream(true)
        .start();
  }

  /** Loads libtorch and calculates. */
  static final class Loading {
    private Loading() {}

    public static void main(String[] args) {
      Natives.load(1);
      try (Scope scope = new Scope()) {
        System.out.println(Scalars.of(1));
      }
    }
  }
}
