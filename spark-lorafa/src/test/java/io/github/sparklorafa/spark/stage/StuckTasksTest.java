package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StuckTasksTest {
  private static final long LATER = StuckTasks.GRACE.toNanos() + 1;

  private final StuckTasks tasks = new StuckTasks();

  @Test
  void tellsOnceOfAnExecutorWhoseTaskGoesOn() {
    tasks.started(1, "a");
    tasks.started(2, "b");
    assertThat(tasks.stuck(LATER)).isEmpty();
    tasks.stageFailed(0);
    tasks.ended(1);

    assertThat(tasks.stuck(LATER - 1)).isEmpty();
    assertThat(tasks.stuck(LATER)).containsExactly("b");
    assertThat(tasks.stuck(2 * LATER)).isEmpty();
  }

  @Test
  void theNextAttemptsTasksMayGoOn() {
    tasks.started(1, "a");
    tasks.stageFailed(0);
    tasks.ended(1);
    tasks.started(3, "a");
    assertThat(tasks.stuck(LATER)).isEmpty();
    tasks.stageFailed(LATER);
    assertThat(tasks.stuck(LATER + 1)).isEmpty();
    assertThat(tasks.stuck(2 * LATER)).containsExactly("a");
  }

  @Test
  void aLostExecutorIsNotStuck() {
    tasks.started(1, "a");
    tasks.stageFailed(0);
    tasks.lost("a");
    assertThat(tasks.stuck(LATER)).isEmpty();
  }
}
