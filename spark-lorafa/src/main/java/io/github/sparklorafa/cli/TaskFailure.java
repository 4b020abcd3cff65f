package io.github.sparklorafa.cli;

/** Finds what went wrong in a task behind what Spark says of the job. */
final class TaskFailure {
  private static final String OURS = "Cannot ";

  private TaskFailure() {}

  /** Our own message of the task's exception where there is one, else the first line of Spark's. */
  static String firstCause(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      int ours = message.indexOf(": " + OURS);
      if (ours >= 0) {
        return message.substring(ours + 2).lines().findFirst().orElse("");
      }
      if (message.startsWith(OURS)) {
        return message.lines().findFirst().orElse("");
      }
    }
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }
}
