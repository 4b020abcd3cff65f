package io.github.sparklorafa.infer;

import java.util.Locale;

/**
 * Measures how predicted classes compare with the right ones, from 0 to 1; more is better.
 *
 * <p>All follow from the counts of {@link ClassCounts}, which are added up over rows and machines.
 */
public enum ClassMetric {
  /** The share of rows whose classes are all as they should be. */
  ACCURACY,

  /**
   * The mean of the classes' F1 (macro average), over the classes that occur among the right or the
   * predicted ones; what scikit-learn calls {@code f1_score(average="macro")}.
   */
  F1,

  /** F1 over all decisions (micro average); with one class for each row it is the accuracy. */
  F1_MICRO;

  /** Its name: {@code accuracy}, {@code f1}, {@code f1_micro}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The value for all rows that were counted; NaN without rows. */
  public double value(ClassCounts counts) {
    if (counts.rows() == 0) {
      return Double.NaN;
    }
    return switch (this) {
      case ACCURACY -> (double) counts.exact() / counts.rows();
      case F1 -> counts.occurring().mapToDouble(ClassCounts.OfClass::f1).average().orElse(0);
      case F1_MICRO ->
          counts
              .occurring()
              .reduce(ClassCounts.OfClass::plus)
              .map(ClassCounts.OfClass::f1)
              .orElse(0.0);
    };
  }
}
