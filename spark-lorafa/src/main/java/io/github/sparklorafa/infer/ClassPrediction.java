package io.github.sparklorafa.infer;

import io.github.sparklorafa.model.Objective;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What logits say, by the kind of a classification's labels.
 *
 * @param raw the logits, or the numbers themselves of a regression
 * @param probabilities of the labels: softmax of single labels, sigmoid of each of several; empty
 *     for a regression
 * @param values the index of the likeliest class, the indexes of the labels that are likelier than
 *     not, or the numbers
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody, and never changed
public record ClassPrediction(double[] raw, double[] probabilities, double[] values) {

  /** That of one row's logits. */
  public static ClassPrediction of(Objective.Kind kind, float[] logits) {
    double[] raw = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).toArray();
    return switch (kind) {
      case SINGLE_LABEL -> new ClassPrediction(raw, softmax(raw), new double[] {largest(raw)});
      case MULTI_LABEL -> {
        double[] probabilities = Arrays.stream(raw).map(x -> 1 / (1 + Math.exp(-x))).toArray();
        double[] chosen =
            IntStream.range(0, raw.length).filter(i -> raw[i] > 0).asDoubleStream().toArray();
        yield new ClassPrediction(raw, probabilities, chosen);
      }
      case REGRESSION -> new ClassPrediction(raw, new double[0], raw);
    };
  }

  private static double[] softmax(double[] logits) {
    double most = Arrays.stream(logits).max().orElse(0);
    double[] weights = Arrays.stream(logits).map(x -> Math.exp(x - most)).toArray();
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(weight -> weight / sum).toArray();
  }

  private static int largest(double[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }
}
