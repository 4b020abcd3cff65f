package io.github.sparklorafa.spark.stage;

import java.util.ArrayList;
import java.util.List;

/** An exception and what is behind it, in one line. */
final class Causes {
  private static final int DEEPEST = 8;

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

  private static String message(Throwable error) {
    boolean speaksForItself =
        error instanceof IllegalArgumentException
            || error.getClass().getName().startsWith("io.github.sparklorafa.");
    return error.getMessage() != null && speaksForItself ? error.getMessage() : error.toString();
  }
}
