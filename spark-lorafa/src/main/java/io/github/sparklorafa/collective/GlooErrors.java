package io.github.sparklorafa.collective;

import java.util.regex.Pattern;

/** Gloo's messages without the path of the source file that they begin with. */
final class GlooErrors {
  private static final Pattern SOURCE = Pattern.compile("\\[[^\\]]*\\.(cc|h|cpp):\\d+\\] ?");

  private GlooErrors() {}

  static boolean isTimeout(Throwable error) {
    return error.getMessage() != null && error.getMessage().contains("Timed out");
  }

  static String text(Throwable error) {
    return error.getMessage() == null
        ? error.toString()
        : SOURCE.matcher(error.getMessage()).replaceAll("").lines().findFirst().orElse("");
  }
}
