package io.github.sparklorafa.spark.progress;

import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * A checkpoint of training is written.
 *
 * @param run tells runs of an application apart
 * @param time in milliseconds since 1970
 * @param step whose values it holds
 */
public record RunCheckpoint(String run, long time, long step) implements SparkListenerEvent {
  /** Event logs from elsewhere may leave texts out. */
  public RunCheckpoint {
    run = Texts.of(run);
  }
}
