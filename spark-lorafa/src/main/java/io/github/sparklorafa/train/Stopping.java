package io.github.sparklorafa.train;

import java.io.Serializable;

/**
 * Which step's values are the result, and whether training ends before its last step.
 *
 * @param earlyStoppingPatience evaluations without improvement after which training ends; 0 is off
 * @param metricForBest what tells the best step
 * @param onNan what happens at a step whose loss or gradient is not finite
 */
public record Stopping(int earlyStoppingPatience, MetricForBest metricForBest, OnNan onNan)
    implements Serializable {
  static final Stopping DEFAULT = new Stopping(0, MetricForBest.NONE, OnNan.STOP);

  /** The same with so much patience. */
  public Stopping withPatience(int evaluations) {
    return new Stopping(evaluations, metricForBest, onNan);
  }

  /** The same with another metric. */
  public Stopping withMetric(MetricForBest metric) {
    return new Stopping(earlyStoppingPatience, metric, onNan);
  }

  /** The same with another answer to what is not finite. */
  public Stopping withOnNan(OnNan what) {
    return new Stopping(earlyStoppingPatience, metricForBest, what);
  }

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
