package io.github.sparklorafa.train;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What tells the best of the steps at which the model is evaluated; less is better. The names are
 * those of Hugging Face's {@code metric_for_best_model}.
 */
public enum MetricForBest {
  /** The last step counts. */
  NONE,
  /** The loss on the evaluation data. */
  EVAL_LOSS,
  /** The mean of the training losses since the evaluation before. */
  LOSS;

  /**
   * The metric of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static MetricForBest parse(String text) {
    List<String> names = Arrays.stream(values()).map(MetricForBest::text).toList();
    if (!names.contains(text)) {
      throw new IllegalArgumentException(
          String.format("Cannot use metric for best: %s (use %s)", text, String.join(", ", names)));
    }
    return values()[names.indexOf(text)];
  }

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
