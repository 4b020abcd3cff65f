package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The decisions, on a worker that keeps no values. */
class BestStepTest {
  private static BestStep best(int patience, MetricForBest metric) {
    return new BestStep(new Stopping(patience, metric, OnNan.STOP), Path.of("none"), 1);
  }

  private static void evaluate(BestStep best, long step, double loss) {
    best.afterEvaluation(step, new Evaluated(loss, Map.of()), null);
  }

  @Test
  void moreIsBetterForAScore() {
    BestStep best = best(2, MetricForBest.BLEU);
    double[] scores = {Double.NaN, 10, 30, 30, 29};
    for (int i = 0; i < scores.length; i++) {
      best.afterEvaluation(i + 1, new Evaluated(5 - i, Map.of("bleu", scores[i])), null);
    }
    assertThat(best.standing().step()).isEqualTo(3);
    assertThat(best.standing().value()).isEqualTo(30);
    assertThat(best.stops()).isTrue();
  }

  @Test
  void lessIsBetterForPerplexity() {
    BestStep best = best(0, MetricForBest.PERPLEXITY);
    for (double loss : new double[] {3, 1, 2}) {
      Map<String, Double> scores = Map.of("perplexity", Math.exp(loss));
      best.afterEvaluation((long) (10 * loss), new Evaluated(loss, scores), null);
    }
    assertThat(best.standing().step()).isEqualTo(10);
    assertThat(best.standing().value()).isEqualTo(Math.E);
  }

  @Test
  void stopsAfterEvaluationsWithoutImprovement() {
    BestStep best = best(2, MetricForBest.NONE);
    double[] losses = {3, 2, 2, 1.5, 1.6, 1.7};
    boolean[] stops = new boolean[losses.length];
    for (int i = 0; i < losses.length; i++) {
      evaluate(best, 10 * (i + 1), losses[i]);
      stops[i] = best.stops();
    }
    assertThat(stops).containsExactly(false, false, false, false, false, true);
    assertThat(best.standing().step()).isEqualTo(40);
    assertThat(best.standing().value()).isEqualTo(1.5);
  }

  @Test
  void aLossThatIsNoNumberImprovesNothing() {
    BestStep best = best(2, MetricForBest.EVAL_LOSS);
    evaluate(best, 1, Double.NaN);
    assertThat(best.standing().step()).isZero();
    evaluate(best, 2, 5);
    evaluate(best, 3, Double.NaN);
    assertThat(best.standing().step()).isEqualTo(2);
    assertThat(best.stops()).isFalse();
    evaluate(best, 4, Double.NaN);
    assertThat(best.stops()).isTrue();
  }

  @Test
  void theTrainingLossIsTheMeanSinceTheLastEvaluation() {
    BestStep best = best(0, MetricForBest.LOSS);
    best.afterStep(4);
    best.afterStep(2);
    evaluate(best, 2, 100);
    assertThat(best.standing().value()).isEqualTo(3);
    best.afterStep(2);
    best.afterStep(3);
    evaluate(best, 4, 1000);
    assertThat(best.standing().value()).isEqualTo(2.5);
    assertThat(best.stops()).isFalse();
  }

  @Test
  void withoutAMetricTheLastStepCounts() {
    BestStep best = best(0, MetricForBest.NONE);
    evaluate(best, 10, 1);
    assertThat(best.standing()).isEqualTo(BestStep.Standing.NONE);
    assertThat(best.values()).isEmpty();
  }

  @Test
  void goesOnFromWhereItStood() {
    BestStep before = best(2, MetricForBest.EVAL_LOSS);
    evaluate(before, 10, 1);
    evaluate(before, 20, 2);
    BestStep after = best(2, MetricForBest.EVAL_LOSS);
    after.restore(before.standing(), Optional.empty());
    evaluate(after, 30, 3);
    assertThat(after.stops()).isTrue();
    assertThat(after.standing().step()).isEqualTo(10);
  }
}
