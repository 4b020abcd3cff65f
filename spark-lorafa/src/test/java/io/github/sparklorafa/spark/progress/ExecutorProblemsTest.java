package io.github.sparklorafa.spark.progress;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExecutorProblemsTest {
  @AfterEach
  void clear() {
    ExecutorProblems.clear();
  }

  @Test
  void anExecutorThatCannotTrainIsNamedWithTheWayOut() {
    ExecutorProblems.add(
        ExecutorProblems.message(
            "7",
            "old-host",
            new IllegalStateException("Cannot load libtorch: glibc 2.28 (glibc 2.35 is needed)")));

    assertThatThrownBy(ExecutorProblems::throwIfAny)
        .hasMessage(
            "Cannot train on executor 7 on old-host (mend that host, or keep Spark from it): Cannot"
                + " load libtorch: glibc 2.28 (glibc 2.35 is needed)");
  }

  @Test
  void oneThatIsGoneIsForgotten() {
    ExecutorProblems.add(
        ExecutorProblems.message("7", "old-host", new UnsatisfiedLinkError("no torch")));
    ExecutorProblems.remove("7");

    assertThatCode(ExecutorProblems::throwIfAny).doesNotThrowAnyException();
  }
}
