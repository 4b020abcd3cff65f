package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.model.Classifier;
import io.github.sparklorafa.model.Labels;
import io.github.sparklorafa.model.MicroBatch;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.tensor.Scope;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Lets a classifier say the classes of rows, and counts how they compare with the right ones. Of
 * single labels the likeliest class is said, the first of several; of multiple labels those with a
 * probability above one half.
 *
 * <p>Runs on the calling thread. The model belongs to the caller.
 */
public final class ClassScores {
  private final Classifier model;
  private final Objective.Classification objective;
  private final ClassCounts counts;

  /**
   * For a model with that objective.
   *
   * @throws IllegalArgumentException if the objective has no classes
   */
  public ClassScores(Classifier model, Objective.Classification objective) {
    if (!hasClasses(objective)) {
      throw new IllegalArgumentException(
          "Cannot count classes: %s (give a classification with single or multiple labels)"
              .formatted(objective));
    }
    this.model = model;
    this.objective = objective;
    this.counts = ClassCounts.none(objective.labels());
  }

  /** Whether rows have classes; numbers that are foretold have none. */
  public static boolean hasClasses(Objective objective) {
    return objective instanceof Objective.Classification classes
        && classes.kind() != Objective.Kind.REGRESSION;
  }

  /** Adds the rows of a batch; blocks while the model computes. */
  public void add(TokenBatch batch) {
    MicroBatch input = ModelInput.of(batch);
    float[] right = ((Labels.Numbers) input.labels()).values();
    float[] logits = logits(input);
    int width = objective.labels();
    for (int row = 0; row < batch.sequences(); row++) {
      float[] own = Arrays.copyOfRange(logits, row * width, (row + 1) * width);
      if (objective.kind() == Objective.Kind.SINGLE_LABEL) {
        counts.add(likeliest(own), (int) right[row]);
      } else {
        counts.add(
            above(own, 0), above(Arrays.copyOfRange(right, row * width, (row + 1) * width), 0.5f));
      }
    }
  }

  private float[] logits(MicroBatch input) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor rows =
          model
              .logits(input.ids(), input.types(), input.sequences())
              .to(ScalarType.Float)
              .contiguous();
      float[] logits = new float[(int) rows.numel()];
      new FloatPointer(rows.data_ptr()).get(logits);
      return logits;
    }
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  private static boolean[] above(float[] values, float bound) {
    boolean[] above = new boolean[values.length];
    for (int i = 0; i < values.length; i++) {
      above[i] = values[i] > bound;
    }
    return above;
  }

  /** What is added up over machines. */
  public long[] numbers() {
    return counts.numbers();
  }

  /** The metrics' values of added-up {@link #numbers}, by name. */
  public static Map<String, Double> values(long[] numbers) {
    ClassCounts sums = ClassCounts.of(numbers);
    Map<String, Double> values = new LinkedHashMap<>();
    for (ClassMetric metric : ClassMetric.values()) {
      values.put(metric.text(), metric.value(sums));
    }
    return values;
  }
}
