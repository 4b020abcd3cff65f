package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import io.github.sparklorafa.train.ScalingModel.Network;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@link OverlapMain} measured, in docs/scaling.md, and what the model says of it. */
class ScalingModelTest {
  private static final Network GIGABIT = Network.gigabits(1);

  @ParameterizedTest(name = "{0} bytes, {1} ms of backward pass, {2} workers")
  @CsvSource({
    "6094856, 500, 2, 62, 549", "6094856, 500, 3, 59, 509", "6094856, 500, 4, 71, 512",
    "6094856, 50, 2, 47, 61", "6094856, 50, 3, 63, 76", "6094856, 50, 4, 70, 84",
    "11206664, 500, 2, 83, 508", "11206664, 500, 3, 118, 508", "11206664, 500, 4, 132, 511",
    "11206664, 50, 2, 89, 98", "11206664, 50, 3, 117, 124", "11206664, 50, 4, 134, 150",
    "105790472, 500, 2, 847, 964", "105790472, 500, 3, 1128, 1255", "105790472, 500, 4, 1274, 1390"
  })
  void predictsStepsWithin15Percent(
      long bytes, double backward, int workers, double sumAfter, double stepDuring) {
    double computing = backward / 1e3;
    double during = ScalingModel.step(computing, computing, bytes / 4, 4, 1, GIGABIT, workers);
    assertThat(1e3 * during).isCloseTo(stepDuring, withPercentage(15));
    // The average of local steps leaves at once, as this bucket did.
    double after = ScalingModel.step(computing, computing, bytes / 4, 4, 8, GIGABIT, workers);
    assertThat(1e3 * after).isCloseTo(backward + sumAfter / 8, withPercentage(15));
  }
}
