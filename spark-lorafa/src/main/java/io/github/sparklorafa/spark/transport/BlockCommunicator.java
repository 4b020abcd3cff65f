package io.github.sparklorafa.spark.transport;

import io.github.sparklorafa.collective.CollectiveException;
import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.WireDType;
import io.github.sparklorafa.spark.transport.BlockSum.Numbers;
import io.github.sparklorafa.tensor.NativeFloats;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sums large buffers over {@link Blocks}, and small ones, whose time is all waiting, over the
 * connections on which the workers meet in between.
 */
final class BlockCommunicator implements Communicator {
  /** Numbers of 4 KB; fewer go over the connections. */
  static final long LEAST = 1 << 10;

  /** Numbers of 4 MB: what is longer is summed in pieces, which bounds what lies on the heap. */
  static final long PIECE = 1 << 20;

  private final Communicator control;
  private final SparkBlocks blocks;
  private final BlockSum sum;
  private final ReentrantLock turn = new ReentrantLock();
  private final AtomicReference<String> failure = new AtomicReference<>();
  private boolean closed;

  BlockCommunicator(Communicator control, SparkBlocks blocks, BlockSum sum) {
    this.control = control;
    this.blocks = blocks;
    this.sum = sum;
  }

  @Override
  public int rank() {
    return control.rank();
  }

  @Override
  public int size() {
    return control.size();
  }

  /**
   * What the others fetch of this worker is as much as this one fetches of them, up to a number in
   * each block; Spark's messages around it are not counted.
   */
  @Override
  public Traffic sent() {
    Traffic meetings = control.sent();
    return new Traffic(
        meetings.messages() + blocks.messages(),
        meetings.payloadBytes() + blocks.fetchedBytes(),
        meetings.framingBytes());
  }

  @Override
  public void sum(NativeFloats buffer, WireDType wire) {
    turn.lock();
    try {
      failIfAborted();
      if (size() == 1 || buffer.count() < Math.max(LEAST, size())) {
        control.sum(buffer, wire);
      } else {
        sumInPieces(buffer, wire == WireDType.BF16 ? Numbers.HALF : Numbers.EXACT);
      }
      failIfAborted();
    } finally {
      turn.unlock();
    }
  }

  /** Cuts evenly, so that few lengths occur, and no piece is too short. */
  private void sumInPieces(NativeFloats buffer, Numbers numbers) {
    long pieces = (buffer.count() + PIECE - 1) / PIECE;
    boolean done = false;
    try {
      for (long piece = 0; piece < pieces; piece++) {
        long start = buffer.count() * piece / pieces;
        long end = buffer.count() * (piece + 1) / pieces;
        sum.sum(new NativeFloats(buffer.address() + start * Float.BYTES, end - start), numbers);
      }
      done = true;
    } catch (RuntimeException e) {
      failIfAborted();
      throw e instanceof CollectiveException
          ? e
          : new CollectiveException(
              "Cannot sum over workers: rank %d could not add up: %s (see its log)"
                  .formatted(rank(), Texts.of(e)),
              e);
    } finally {
      if (!done) {
        stop("its sum failed");
      }
    }
  }

  @Override
  public void abort(String cause) {
    failure.compareAndSet(
        null, "Cannot sum over workers: rank " + rank() + " was stopped (" + cause + ")");
    stop(cause);
  }

  private void stop(String cause) {
    control.abort(cause);
    blocks.abort();
  }

  @Override
  public void close() {
    failure.compareAndSet(
        null, "Cannot sum over workers: the communicator is closed (see the error before)");
    if (!turn.tryLock()) {
      stop("it was closed"); // another thread sums: it ends soon now
      turn.lock();
    }
    try {
      if (!closed) {
        closed = true;
        sum.close();
        blocks.removeAll();
        control.close();
      }
    } finally {
      turn.unlock();
    }
  }

  private void failIfAborted() {
    if (failure.get() != null) {
      throw new CollectiveException(failure.get());
    }
  }
}
