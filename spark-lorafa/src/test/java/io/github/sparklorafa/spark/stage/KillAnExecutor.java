package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Kills the process of one executor in the middle of training, once. */
final class KillAnExecutor implements ProgressListener {
  private static final int STEP = 20;

  private final Path there;
  private long killedNanos;
  private long againNanos;

  /** At the twentieth step. */
  KillAnExecutor() {
    this(Path.of("/"));
  }

  /** From the twentieth step on, as soon as a file or folder is there. */
  KillAnExecutor(Path there) {
    this.there = there;
  }

  @Override
  public void onStart(RunStart start) {
    againNanos = start.attempt() > 0 ? System.nanoTime() : 0;
  }

  @Override
  public void onStep(StepReport report) {
    if (report.step() >= STEP && killedNanos == 0 && Files.exists(there)) {
      killedNanos = System.nanoTime();
      TrainingCluster.executors().get(0).destroyForcibly();
    }
  }

  Duration untilItBeganAgain() {
    return Duration.ofNanos(againNanos - killedNanos);
  }
}
