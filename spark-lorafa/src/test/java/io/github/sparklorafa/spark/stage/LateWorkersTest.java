package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.spark.stage.LateWorkers.Late;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LateWorkersTest {
  private static final Late FIRST = new Late(0, "a", "one");
  private static final Late SECOND = new Late(1, "b", "two");
  private static final long PATIENCE = 1000;

  private final LateWorkers workers = new LateWorkers(Duration.ofNanos(PATIENCE));

  private void begin(int attempt) {
    workers.began(attempt, FIRST);
    workers.began(attempt, SECOND);
  }

  @Test
  void tellsOnceOfWhoDoesNotComeAfterAnother() {
    begin(0);
    assertThat(workers.late(50 * PATIENCE)).as("nobody has come").isEmpty();
    workers.came(0, 0, 50 * PATIENCE);

    assertThat(workers.late(51 * PATIENCE - 1)).isEmpty();
    assertThat(workers.late(51 * PATIENCE)).containsExactly(SECOND);
    assertThat(workers.late(52 * PATIENCE)).isEmpty();
    assertThat(SECOND).hasToString("worker 1 in executor b on two");
  }

  @Test
  void whoComesInTimeIsNotLate() {
    begin(0);
    workers.came(0, 0, 0);
    workers.came(0, 1, PATIENCE - 1);
    assertThat(workers.late(PATIENCE)).isEmpty();
  }

  @Test
  void whoComesBeforeItsTaskIsHeardOfIsNotLate() {
    workers.came(0, 0, 0);
    begin(0);
    assertThat(workers.late(PATIENCE)).containsExactly(SECOND);
  }

  @Test
  void nobodyIsWaitedForAfterAFailure() {
    begin(0);
    workers.came(0, 0, 0);
    workers.failed(0);
    assertThat(workers.late(PATIENCE)).isEmpty();
  }

  @Test
  void eachAttemptBeginsAnew() {
    begin(0);
    workers.came(0, 0, 0);
    workers.came(1, 1, 5);
    workers.began(0, SECOND);
    workers.came(0, 0, 6);
    workers.failed(0);
    begin(1);
    assertThat(workers.late(PATIENCE + 4)).isEmpty();
    assertThat(workers.late(PATIENCE + 5)).containsExactly(FIRST);
  }
}
