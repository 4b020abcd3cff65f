package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The decisions, on a worker that keeps no values. */
class BestStepTest {
  private static BestStep best(int patience, MetricForBest metric) {
    return new BestStep(new Stopping(patience, metric), Path.of("none"), 1);
  }

  @Test
  void stopsAfterEvaluationsWithoutImprovement() {
    BestStep best = best(2, MetricForBest.NONE);
    double[] losses = {3, 2, 2, 1.5, 1.6, 1.7};
    boolean[] stops = new boolean[losses.length];
    for (int i = 0; i < losses.length; i++) {
      best.afterEvaluation(10 * (i + 1), losses[i], null);
      stops[i] = best.stops();
    }
    assertThat(stops).containsExactly(false, false, false, false, false, true);
    assertThat(best.standing().step()).isEqualTo(40);
    assertThat(best.standing().value()).isEqualTo(1.5);
  }

  @Test
  void aLossThatIsNoNumberImprovesNothing() {
    BestStep best = best(2, MetricForBest.EVAL_LOSS);
    best.afterEvaluation(1, Double.NaN, null);
    assertThat(best.standing().step()).isZero();
    best.afterEvaluation(2, 5, null);
    best.afterEvaluation(3, Double.NaN, null);
    assertThat(best.standing().step()).isEqualTo(2);
    assertThat(best.stops()).isFalse();
    best.afterEvaluation(4, Double.NaN, null);
    assertThat(best.stops()).isTrue();
  }

  @Test
  void theTrainingLossIsTheMeanSinceTheLastEvaluation() {
    BestStep best = best(0, MetricForBest.LOSS);
    best.afterStep(4);
    best.afterStep(2);
    best.afterEvaluation(2, 100, null);
    assertThat(best.standing().value()).isEqualTo(3);
    best.afterStep(2);
    best.afterStep(3);
    best.afterEvaluation(4, 1000, null);
    assertThat(best.standing().value()).isEqualTo(2.5);
    assertThat(best.stops()).isFalse();
  }

  @Test
  void withoutAMetricTheLastStepCounts() {
    BestStep best = best(0, MetricForBest.NONE);
    best.afterEvaluation(10, 1, null);
    assertThat(best.standing()).isEqualTo(BestStep.Standing.NONE);
    assertThat(best.values()).isEmpty();
  }

  @Test
  void goesOnFromWhereItStood() {
    BestStep before = best(2, MetricForBest.EVAL_LOSS);
    before.afterEvaluation(10, 1, null);
    before.afterEvaluation(20, 2, null);
    BestStep after = best(2, MetricForBest.EVAL_LOSS);
    after.restore(before.standing(), Optional.empty());
    after.afterEvaluation(30, 3, null);
    assertThat(after.stops()).isTrue();
    assertThat(after.standing().step()).isEqualTo(10);
  }
}
