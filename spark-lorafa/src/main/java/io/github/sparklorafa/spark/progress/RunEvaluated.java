package io.github.sparklorafa.spark.progress;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * An evaluation is done.
 *
 * @param run tells runs of an application apart
 * @param time in milliseconds since 1970
 * @param step after which it ran
 * @param epoch passes over the training data so far
 * @param evalLoss mean over the loss terms of all workers
 * @param seconds that it took
 * @param scores values of other metrics, by name
 */
public record RunEvaluated(
    String run,
    long time,
    long step,
    double epoch,
    double evalLoss,
    double seconds,
    Map<String, Double> scores)
    implements SparkListenerEvent {
  /** Copies the scores. */
  public RunEvaluated {
    run = Texts.of(run);
    Map<String, Double> known = scores == null ? new TreeMap<>() : new TreeMap<>(scores);
    known.values().removeIf(Objects::isNull);
    scores = Collections.unmodifiableMap(known);
  }
}
