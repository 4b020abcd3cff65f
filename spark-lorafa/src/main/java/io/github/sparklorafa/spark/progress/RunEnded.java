package io.github.sparklorafa.spark.progress;

import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * The run is over.
 *
 * @param run tells runs of an application apart
 * @param time in milliseconds since 1970
 * @param failure why it failed, in words; empty if it did not
 * @param output folder of what was trained; empty if it failed
 * @param bestStep whose values are the result, or 0 where the last step's are
 */
public record RunEnded(String run, long time, String failure, String output, long bestStep)
    implements SparkListenerEvent {
  /** Event logs from elsewhere may leave texts out. */
  public RunEnded {
    run = Texts.of(run);
    failure = Texts.of(failure);
    output = Texts.of(output);
  }
}
