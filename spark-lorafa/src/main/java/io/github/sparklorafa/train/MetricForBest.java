package io.github.sparklorafa.train;

import io.github.sparklorafa.infer.ClassMetric;
import io.github.sparklorafa.infer.TextMetric;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What tells the best of the steps at which the model is evaluated. The names are those of Hugging
 * Face's {@code metric_for_best_model}.
 */
public enum MetricForBest {
  /** The last step counts. */
  NONE,
  /** The loss on the evaluation data. */
  EVAL_LOSS,
  /** The mean of the training losses since the evaluation before. */
  LOSS,
  /** The exponential of the loss on the evaluation data. */
  PERPLEXITY(Task.CAUSAL_LM, Task.MASKED_LM, Task.SEQ2SEQ),
  /** See {@link ClassMetric#ACCURACY}. */
  ACCURACY(Task.SEQUENCE_CLASSIFICATION),
  /** See {@link ClassMetric#F1}. */
  F1(Task.SEQUENCE_CLASSIFICATION),
  /** See {@link ClassMetric#F1_MICRO}. */
  F1_MICRO(Task.SEQUENCE_CLASSIFICATION),
  /** See {@link TextMetric#BLEU}. */
  BLEU(Task.CAUSAL_LM, Task.SEQ2SEQ),
  /** See {@link TextMetric#ROUGE_L}. */
  ROUGE_L(Task.CAUSAL_LM, Task.SEQ2SEQ),
  /** See {@link TextMetric#EXACT_MATCH}. */
  EXACT_MATCH(Task.CAUSAL_LM, Task.SEQ2SEQ);

  private static final Set<MetricForBest> LESS_IS_BETTER = Set.of(EVAL_LOSS, LOSS, PERPLEXITY);

  private final Set<Task> tasks;

  MetricForBest(Task... tasks) {
    this.tasks = Set.of(tasks.length == 0 ? Task.values() : tasks);
  }

  /**
   * The metric of that name; {@code eval-loss} is the same as {@code eval_loss}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static MetricForBest parse(String text) {
    List<String> names = Arrays.stream(values()).map(MetricForBest::text).toList();
    int index = names.indexOf(text.replace('-', '_'));
    if (index < 0) {
      throw new IllegalArgumentException(
          String.format("Cannot use metric for best: %s (use %s)", text, String.join(", ", names)));
    }
    return values()[index];
  }

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether the task has it. */
  public boolean fits(Task task) {
    return tasks.contains(task);
  }

  /** The names of those that a task has. */
  public static String namesFor(Task task) {
    return String.join(
        ", ", Arrays.stream(values()).filter(m -> m.fits(task)).map(MetricForBest::text).toList());
  }

  /** Whether the model has to write the answers of the evaluation's rows. */
  public boolean needsAnswers() {
    return this == BLEU || this == ROUGE_L || this == EXACT_MATCH;
  }

  /** Whether rows must have classes, which the numbers of a regression are not. */
  public boolean needsClasses() {
    return this == ACCURACY || this == F1 || this == F1_MICRO;
  }

  /** Whether {@code value} is an improvement on {@code best}; NaN is none. */
  public boolean isBetter(double value, double best) {
    return LESS_IS_BETTER.contains(this) ? value < best : value > best;
  }
}
