package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.InScope;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The workers of one host share the pages of a checkpoint that is stored in the run's dtype. */
@ExtendWith(InScope.class)
class SharedPagesTest {
  @TempDir Path temporary;

  /** Each counts half of what both have: the proportional set size that Linux tells. */
  @Test
  void twoWorkersHoldTheWeightsOnce() throws IOException, InterruptedException {
    Path checkpoint = PackedBaseMemoryTest.checkpoint(temporary);
    List<Process> workers = new ArrayList<>();
    try {
      List<BufferedReader> outputs = new ArrayList<>();
      for (int worker = 0; worker < 2; worker++) {
        workers.add(start(checkpoint));
        outputs.add(workers.get(worker).inputReader(StandardCharsets.UTF_8));
      }
      for (BufferedReader output : outputs) {
        assertThat(output.readLine()).isEqualTo("ready");
      }
      for (int worker = 0; worker < 2; worker++) {
        // The other one is still there when this one looks.
        Map<String, Long> pages = pages(workers.get(worker), outputs.get(worker));
        long weights = 2 * PackedBaseMemoryTest.PACKED;
        assertThat(pages.get("Rss")).isBetween(weights, weights + weights / 20);
        if (worker == 0) {
          assertThat(pages.get("Pss")).isBetween(weights / 2, weights / 2 + weights / 40);
        }
        assertThat(pages.get("Private_Dirty")).isZero();
      }
    } finally {
      workers.forEach(Process::destroyForcibly);
    }
  }

  private static Process start(Path checkpoint) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            SharedPagesMain.class.getName(),
            checkpoint.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static Map<String, Long> pages(Process worker, BufferedReader output)
      throws IOException, InterruptedException {
    worker.getOutputStream().write('\n');
    worker.getOutputStream().flush();
    Map<String, Long> pages = new HashMap<>();
    output
        .lines()
        .map(line -> line.split(" "))
        .forEach(line -> pages.put(line[0], Long.parseLong(line[1])));
    assertThat(worker.waitFor()).isZero();
    return pages;
  }
}
