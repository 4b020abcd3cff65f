package io.github.sparklorafa.spark.progress;

import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * Something worth reading happened that is no failure.
 *
 * @param run tells runs of an application apart
 * @param time in milliseconds since 1970
 * @param text in words, without secrets
 */
public record RunNote(String run, long time, String text) implements SparkListenerEvent {
  /** Event logs from elsewhere may leave texts out. */
  public RunNote {
    run = Texts.of(run);
    text = Texts.of(text);
  }
}
