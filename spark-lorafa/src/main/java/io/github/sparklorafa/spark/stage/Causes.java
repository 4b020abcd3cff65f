package io.github.sparklorafa.spark.stage;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** An exception and what is behind it, in one line. */
final class Causes {
  private static final int DEEPEST = 8;
  private static final String BARRIER_TASK = "Stage failed because barrier task";
  private static final Pattern OUR_EXCEPTION =
      Pattern.compile("^io\\.github\\.sparklorafa\\.[\\w.]*: ");

  private Causes() {}

  static String text(Throwable error) {
    List<String> messages = new ArrayList<>();
    Throwable current = error;
    for (int depth = 0; current != null && depth < DEEPEST; depth++) {
      String message = message(current);
      if (messages.stream().noneMatch(earlier -> earlier.contains(message))) {
        messages.add(message);
      }
      current = current.getCause();
    }
    return String.join(", because: ", messages);
  }

  /**
   * What a task of a stage ended with, in one line, out of Spark's many that say why the stage
   * failed.
   */
  static String ofStage(String reason) {
    List<String> lines = reason.lines().filter(line -> !line.isBlank()).toList();
    boolean tellsTheTask = lines.size() > 1 && lines.get(0).startsWith(BARRIER_TASK);
    String first = lines.isEmpty() ? "" : lines.get(tellsTheTask ? 1 : 0);
    return OUR_EXCEPTION.matcher(first).replaceFirst("");
  }

  private static String message(Throwable error) {
    boolean speaksForItself =
        error instanceof IllegalArgumentException
            || error.getClass().getName().startsWith("io.github.sparklorafa.");
    return error.getMessage() != null && speaksForItself ? error.getMessage() : error.toString();
  }
}
