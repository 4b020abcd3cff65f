package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.StepTimes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class LossCurveTest {
  @Test
  void tellsTheFirstTheLastAndSomeBetween() {
    LossCurve curve = new LossCurve();
    assertThat(curve.text()).isEmpty();
    curve.onStep(step(1, 9));
    curve.onStart(new RunStart(1, 2, 15, 10, 100, 0));
    for (int i = 1; i <= 15; i++) {
      curve.onStep(step(i, 3.0 / i));
    }
    assertThat(curve.steps()).hasSize(15);
    assertThat(curve.text())
        .startsWith("step 1: 3.000   step 3: 1.000   step 5: 0.600")
        .endsWith("step 15: 0.200");
  }

  @Test
  void keepsWhatWasDoneBeforeTrainingGoesOn() {
    LossCurve curve = new LossCurve();
    for (int i = 1; i <= 5; i++) {
      curve.onStep(step(i, i));
    }
    curve.onStart(new RunStart(1, 2, 15, 10, 100, 3));
    assertThat(curve.steps()).extracting(StepReport::step).containsExactly(1L, 2L, 3L);
  }

  private static StepReport step(long step, double loss) {
    return new StepReport(step, 15, 0, loss, 0, 0, 0, 0, 0, 0, 0, 0, StepTimes.NONE);
  }
}
