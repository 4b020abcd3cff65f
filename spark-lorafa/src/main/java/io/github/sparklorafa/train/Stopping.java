package io.github.sparklorafa.train;

import java.io.Serializable;

/**
 * Which step's values are the result, and whether training ends before its last step.
 *
 * @param earlyStoppingPatience evaluations without improvement after which training ends; 0 is off
 * @param metricForBest what tells the best step
 */
public record Stopping(int earlyStoppingPatience, MetricForBest metricForBest)
    implements Serializable {
  static final Stopping DEFAULT = new Stopping(0, MetricForBest.NONE);

  /** What tells the best step; early stopping alone means the evaluation loss. */
  public MetricForBest metric() {
    return earlyStoppingPatience > 0 && metricForBest == MetricForBest.NONE
        ? MetricForBest.EVAL_LOSS
        : metricForBest;
  }

  /** Whether the best step is kept. */
  public boolean keepsBest() {
    return metric() != MetricForBest.NONE;
  }
}
