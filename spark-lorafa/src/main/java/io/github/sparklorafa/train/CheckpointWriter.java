package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.tensor.Scope;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * Writes checkpoints while training goes on. The training thread pays for a copy in memory; a
 * daemon thread of this object's writes it.
 *
 * <p>One is under way at a time: who wants to write the next waits for it, but no longer than the
 * patience, after which that next one is left out. That a checkpoint can't be written is noted and
 * ends no run. All methods, and the notes, belong to the training thread.
 */
final class CheckpointWriter implements AutoCloseable {
  /** Less than the workers wait for each other, since they wait for this one. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private final TrainingCheckpoints checkpoints;
  private final int keep;
  private final StateCopy copy;
  private final Consumer<String> notes;
  private final Duration patience;
  private final ExecutorService thread;
  private Future<?> underWay;
  private long step;
  private LongConsumer written = unheard -> {};

  /**
   * @param keep how many checkpoints stay
   * @param state that is copied
   */
  CheckpointWriter(
      TrainingCheckpoints checkpoints, int keep, StateTensors state, Consumer<String> notes) {
    this(checkpoints, keep, state, notes, PATIENCE);
  }

  CheckpointWriter(
      TrainingCheckpoints checkpoints,
      int keep,
      StateTensors state,
      Consumer<String> notes,
      Duration patience) {
    this.checkpoints = checkpoints;
    this.keep = keep;
    this.copy = new StateCopy(state);
    this.notes = notes;
    this.patience = patience;
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread daemon = new Thread(task, "lorafa-checkpoints");
              daemon.setDaemon(true);
              return daemon;
            });
  }

  /** The same, with someone who is told the steps of checkpoints that are written. */
  CheckpointWriter telling(LongConsumer listener) {
    written = listener;
    return this;
  }

  /**
   * Copies the state as it is now, and begins to write it. Blocks while an earlier one is under
   * way.
   *
   * @param steps that are done
   * @param header made by the writing thread
   * @param best file that nobody may change until {@link #await} has returned
   */
  void write(long steps, Supplier<String> header, Optional<Path> best) throws InterruptedException {
    if (!await()) {
      notes.accept(
          "Left out the checkpoint of step %d: that of step %d is being written for more than %d s"
              .formatted(steps, step, patience.toSeconds()));
      copy.skip();
      return;
    }
    copy.take();
    step = steps;
    underWay =
        thread.submit(
            () -> {
              try (Scope scope = new Scope();
                  NoGradGuard noGrad = new NoGradGuard()) {
                checkpoints.write(steps, header.get(), copy.entries(), best);
                checkpoints.keepNewest(keep);
              }
            });
  }

  /** Notes what became of the one under way, if that is known by now. Doesn't wait. */
  void poll() {
    if (underWay != null && underWay.isDone()) {
      try {
        await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits until nothing is under way; false if the patience ended first. */
  boolean await() throws InterruptedException {
    if (underWay == null) {
      return true;
    }
    try {
      underWay.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      written.accept(step);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      underWay = null;
      fail(e.getCause());
    }
    underWay = null;
    return true;
  }

  private void fail(Throwable cause) {
    if (cause instanceof UncheckedIOException e) {
      notes.accept(e.getMessage() + "; training goes on without it");
    } else if (cause instanceof RuntimeException e) {
      throw e;
    } else if (cause instanceof Error e) {
      throw e;
    }
  }

  /** Waits for the one under way; what can't be waited for is left to the process. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!await()) {
        notes.accept(
            "The checkpoint of step %d is not written after %d s; training ends without it"
                .formatted(step, patience.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (underWay == null) {
        copy.close();
      } else {
        thread.shutdownNow();
      }
    }
  }
}
