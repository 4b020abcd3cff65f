package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Kills an executor in each attempt of a run of two workers, each time at another moment. */
final class KillAtMoments extends TrainingStage implements ProgressListener {
  /** What the executor is doing. */
  enum Moment {
    LOADING,
    STEP,
    ALL_REDUCE,
    CHECKPOINT
  }

  private final Deque<Moment> moments;
  private final Random random;
  private final Path checkpoints;
  private final List<Duration> untilAgain = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private Moment next;
  private long stepOfKill;
  private long killed;
  private int torn;

  KillAtMoments(Collection<Moment> moments, Random random, Path checkpoints) {
    this.moments = new ArrayDeque<>(moments);
    this.random = random;
    this.checkpoints = checkpoints;
  }

  @Override
  synchronized void onAttempt(int attempt) {
    next = moments.poll();
    if (next == Moment.LOADING) {
      long delay = random.nextInt(800);
      int rank = random.nextInt(2);
      inBackground(
          () -> {
            TimeUnit.MILLISECONDS.sleep(delay);
            kill(rank, delay + " ms after the task began");
          });
    }
  }

  @Override
  public synchronized void onStart(RunStart start) {
    if (killed != 0) {
      untilAgain.add(Duration.ofNanos(System.nanoTime() - killed));
      killed = 0;
    }
    stepOfKill = start.stepsDone() + 10 + random.nextInt(20);
  }

  @Override
  public synchronized void onStep(StepReport report) {
    if (report.step() != stepOfKill || next == null) {
      return;
    }
    int rank = random.nextInt(2);
    long microseconds = random.nextInt(5000);
    switch (next) {
      case STEP ->
          inBackground(
              () -> {
                TimeUnit.MICROSECONDS.sleep(microseconds);
                kill(rank, microseconds + " us after step " + report.step());
              });
      case ALL_REDUCE ->
          inBackground(
              () -> {
                // The other one then waits for this one, and for nothing else.
                ProcessHandle waitedFor = worker(1 - rank);
                Executors.signal("STOP", waitedFor);
                TimeUnit.MILLISECONDS.sleep(100 + microseconds / 50);
                kill(rank, "waiting in the sum about step " + report.step());
                Executors.signal("CONT", waitedFor);
              });
      case CHECKPOINT -> inBackground(this::killWhileItWrites);
      case LOADING -> {
        // On its way already.
      }
    }
  }

  private void killWhileItWrites() {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (System.nanoTime() < deadline) {
      if (unfinished() > 0) {
        kill(0, "while it wrote a checkpoint");
        torn += unfinished() > 0 ? 1 : 0;
        return;
      }
    }
  }

  /** Folders of checkpoints that are being written, or were. */
  private long unfinished() {
    try (Stream<Path> files = Files.list(checkpoints)) {
      return files.filter(file -> file.getFileName().toString().startsWith(".step-")).count();
    } catch (IOException e) {
      return 0;
    }
  }

  private synchronized void kill(int rank, String when) {
    killed = System.nanoTime();
    told.add(next + ": worker " + rank + ", " + when);
    worker(rank).destroyForcibly();
    next = null;
  }

  private interface Action {
    void run() throws InterruptedException;
  }

  private static void inBackground(Action action) {
    new Thread(
            () -> {
              try {
                action.run();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            })
        .start();
  }

  /**
   * From each kill to the first step of the next attempt; one that didn't get there is left out.
   */
  synchronized List<Duration> untilAgain() {
    return List.copyOf(untilAgain);
  }

  synchronized List<String> told() {
    return List.copyOf(told);
  }

  /** Kills that left an unfinished checkpoint behind. */
  synchronized int torn() {
    return torn;
  }
}
