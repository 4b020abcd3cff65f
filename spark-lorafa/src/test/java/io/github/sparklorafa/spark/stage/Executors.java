package io.github.sparklorafa.spark.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The processes of executors that this one has started, directly or not, and signals to them. */
final class Executors {
  private Executors() {}

  static ProcessHandle withId(String executor) {
    return all().stream()
        .filter(process -> words(process).contains(executor))
        .filter(
            process -> {
              List<String> words = words(process);
              return words.get(words.indexOf("--executor-id") + 1).equals(executor);
            })
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("executor " + executor + " has no process"));
  }

  private static List<ProcessHandle> all() {
    return ProcessHandle.current()
        .descendants()
        .filter(process -> words(process).contains("--executor-id"))
        .filter(process -> words(process).get(0).endsWith("java"))
        .toList();
  }

  private static List<String> words(ProcessHandle process) {
    try {
      byte[] line = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/cmdline"));
      return List.of(new String(line, StandardCharsets.UTF_8).split("\0"));
    } catch (IOException endedMeanwhile) {
      return List.of("");
    }
  }

  /**
   * Sends a signal.
   *
   * @param name such as STOP
   */
  static void signal(String name, ProcessHandle process) {
    try {
      int status =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
              .inheritIO()
              .start()
              .waitFor();
      if (status != 0) {
        throw new IllegalStateException("kill -" + name + " ended with " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
