package io.github.sparklorafa.spark.transport;

/** What a network error says, in one line. */
final class Texts {
  private Texts() {}

  static String of(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return text.lines().findFirst().orElse("");
  }
}
