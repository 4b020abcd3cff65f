package io.github.sparklorafa.spark.progress;

import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * All workers have met and take steps from now on; once more after each retry, whose reports make
 * those of steps after {@code stepsDone} void.
 *
 * @param run tells runs of an application apart
 * @param time in milliseconds since 1970
 * @param attempt 0, or how often training has begun before
 * @param workers that train together
 * @param steps that the run has
 * @param trainableParameters numbers that are trained
 * @param totalParameters numbers of the model and its adapter
 * @param stepsDone that an earlier attempt or run has taken
 */
public record RunTrains(
    String run,
    long time,
    int attempt,
    int workers,
    long steps,
    long trainableParameters,
    long totalParameters,
    long stepsDone)
    implements SparkListenerEvent {
  /** Event logs from elsewhere may leave texts out. */
  public RunTrains {
    run = Texts.of(run);
  }
}
