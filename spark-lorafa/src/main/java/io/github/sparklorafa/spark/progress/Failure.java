package io.github.sparklorafa.spark.progress;

import java.util.Objects;

/**
 * Why a worker gave up, where trying again would not help.
 *
 * @param workerRank that gave up
 * @param host it ran on
 * @param cause in words, with the causes behind it
 */
public record Failure(int workerRank, String host, String cause) {
  /** Refuses one that does not say why. */
  public Failure {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(cause, "cause");
  }

  @Override
  public String toString() {
    return String.format("worker %d on %s: %s", workerRank, host, cause);
  }
}
