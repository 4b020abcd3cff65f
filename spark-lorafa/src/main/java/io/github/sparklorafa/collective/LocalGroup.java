package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.NativeFloats;
import java.time.Duration;

/**
 * Where the threads of a {@link LocalCommunicator} meet: a barrier that can be aborted for good.
 */
final class LocalGroup {
  private final int size;
  private final Duration timeout;
  private NativeFloats[] arriving;
  private int arrived;
  private long meetings;
  private int parted;
  private long partings;
  private String failure;

  LocalGroup(int size, Duration timeout) {
    this.size = size;
    this.timeout = timeout;
    this.arriving = new NativeFloats[size];
  }

  int size() {
    return size;
  }

  /** Waits until all ranks have come, and gives the buffers of all, in rank order. */
  synchronized NativeFloats[] meet(int rank, NativeFloats buffer) {
    failIfAborted();
    NativeFloats[] buffers = arriving;
    buffers[rank] = buffer;
    if (++arrived == size) {
      checkLengths(buffers);
      arriving = new NativeFloats[size];
      arrived = 0;
      meetings++;
      notifyAll();
      return buffers;
    }
    long meeting = meetings;
    long deadline = System.nanoTime() + timeout.toNanos();
    while (meetings == meeting) {
      failIfAborted();
      await(rank, deadline);
    }
    return buffers;
  }

  /**
   * Waits until all ranks that have met are done with the buffers. Nothing cuts this short, since
   * another rank may still be writing to this one's buffer.
   */
  synchronized void part() {
    long parting = partings;
    if (++parted == size) {
      parted = 0;
      partings++;
      notifyAll();
    }
    boolean interrupted = false;
    while (partings == parting) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  synchronized void abort(String cause) {
    if (failure == null) {
      failure = cause;
      notifyAll();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // the caller loops
  private void await(int rank, long deadline) {
    long milliseconds = (deadline - System.nanoTime()) / 1_000_000;
    if (milliseconds <= 0) {
      abort(
          String.format(
              "Cannot sum over workers: rank %d has waited %d s for the others (%d of %d came)",
              rank, timeout.toSeconds(), arrived, size));
      return;
    }
    try {
      wait(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      abort(
          "Cannot sum over workers: the thread of rank " + rank + " was interrupted (start again)");
    }
  }

  private void checkLengths(NativeFloats[] buffers) {
    for (NativeFloats other : buffers) {
      if (other.count() != buffers[0].count()) {
        abort(
            String.format(
                "Cannot sum over workers: buffers of %d and %d numbers (all ranks must sum the same)",
                buffers[0].count(), other.count()));
        failIfAborted();
      }
    }
  }

  private void failIfAborted() {
    if (failure != null) {
      throw new CollectiveException(failure);
    }
  }
}
