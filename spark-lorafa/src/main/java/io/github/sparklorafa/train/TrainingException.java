package io.github.sparklorafa.train;

/** Training can't go on, and starting again would not help: the message says what to change. */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public TrainingException(String message) {
    super(message);
  }
}
