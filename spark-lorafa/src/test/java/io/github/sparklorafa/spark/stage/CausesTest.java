package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class CausesTest {
  @Test
  void tellsTheWholeChainOnce() {
    Exception disk = new IOException("no space left");
    Exception error =
        new IllegalArgumentException("Cannot read: x (look)", new RuntimeException(disk));

    assertThat(Causes.text(error))
        .isEqualTo(
            "Cannot read: x (look), because: java.lang.RuntimeException: java.io.IOException: no"
                + " space left");
  }

  @Test
  void tellsWhatATaskOfAStageEndedWith() {
    assertThat(
            Causes.ofStage(
                "Stage failed because barrier task ShuffleMapTask(4, 0) finished unsuccessfully.\n"
                    + "io.github.sparklorafa.collective.CollectiveException: Cannot sum: x (y)\n"
                    + "\tat io.github.sparklorafa.Some.method(Some.java:1)"))
        .isEqualTo("Cannot sum: x (y)");
    assertThat(
            Causes.ofStage(
                "Stage failed because barrier task ShuffleMapTask(4, 1) finished unsuccessfully.\n"
                    + "ExecutorLostFailure (executor 1 exited) Reason: Command exited with code 137"))
        .isEqualTo("ExecutorLostFailure (executor 1 exited) Reason: Command exited with code 137");
    assertThat(Causes.ofStage("Job aborted")).isEqualTo("Job aborted");
  }
}
