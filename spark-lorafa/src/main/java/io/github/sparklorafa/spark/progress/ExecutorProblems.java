package io.github.sparklorafa.spark.progress;

import io.github.sparklorafa.spark.progress.ProgressMessage.Kind;
import java.util.Map;
import java.util.TreeMap;

/** Executors of this application that have found out that they cannot train. Thread-safe. */
public final class ExecutorProblems {
  private static final Map<String, Problem> KNOWN = new TreeMap<>();

  private ExecutorProblems() {}

  /**
   * Why an executor cannot train.
   *
   * @param executor id
   * @param host that it runs on
   * @param cause in words, with the way out
   */
  private record Problem(String executor, String host, String cause) {}

  /** What an executor sends, for {@link #add}. */
  public static String message(String executor, String host, Throwable cause) {
    String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return ProgressMessage.of(Kind.FAILURE, 0, new Problem(executor, host, text)).json();
  }

  /** What an executor has sent. */
  public static void add(String message) {
    Problem problem = ProgressMessage.parse(message).body(Problem.class);
    synchronized (KNOWN) {
      KNOWN.put(problem.executor(), problem);
    }
  }

  /** For an executor that is gone. */
  public static void remove(String executor) {
    synchronized (KNOWN) {
      KNOWN.remove(executor);
    }
  }

  /** For a new application. */
  public static void clear() {
    synchronized (KNOWN) {
      KNOWN.clear();
    }
  }

  /**
   * Refuses to train where an executor cannot.
   *
   * @throws IllegalStateException naming the first one
   */
  public static void throwIfAny() {
    synchronized (KNOWN) {
      for (Problem problem : KNOWN.values()) {
        throw new IllegalStateException(
            "Cannot train on executor %s on %s (mend that host, or keep Spark from it): %s"
                .formatted(problem.executor(), problem.host(), problem.cause()));
      }
    }
  }
}
