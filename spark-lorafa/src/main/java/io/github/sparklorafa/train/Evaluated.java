package io.github.sparklorafa.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an evaluation measured, over all workers.
 *
 * @param loss mean over the loss terms
 * @param scores values of the other metrics, by the names of {@link MetricForBest}
 */
record Evaluated(double loss, Map<String, Double> scores) {
  Evaluated {
    scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
  }

  /** The value of a metric of the evaluation data; NaN if it was not measured. */
  double value(MetricForBest metric) {
    return metric == MetricForBest.EVAL_LOSS || metric == MetricForBest.NONE
        ? loss
        : scores.getOrDefault(metric.text(), Double.NaN);
  }
}
