package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.NativeFloats;
import java.time.Duration;
import java.util.List;

/**
 * One worker's end of a group of workers that sum buffers together.
 *
 * <p>{@link #sum} and {@link #close} are called by one thread at a time, not always the same;
 * {@link #abort} may be called from any at any time. All workers call {@link #sum} equally often,
 * with buffers of equal length and the same {@link WireDType}. After a failure the communicator is
 * of no more use: close it, which makes the other workers fail within seconds too.
 */
public interface Communicator extends AutoCloseable {
  /**
   * What a worker has sent to the others since it met them.
   *
   * @param messages pieces of buffers
   * @param payloadBytes of numbers in them
   * @param framingBytes of all else that the transport itself writes around and between the
   *     messages; not what lies below it (encryption, TCP), nor what it takes to connect. 0 where
   *     the transport doesn't tell
   */
  record Traffic(long messages, long payloadBytes, long framingBytes) {}

  /**
   * A communicator over links, which it closes in the end.
   *
   * @param names of the workers for messages, in rank order
   * @param timeout that a worker waits for another in a sum
   */
  static Communicator over(Links links, List<String> names, Duration timeout) {
    return new DirectSum(links, names, timeout);
  }

  /** This worker's number, from 0. */
  int rank();

  /** The number of workers. */
  int size();

  /** {@link #sum(NativeFloats, WireDType)} of numbers that travel as they are, in fp32. */
  default void sum(NativeFloats buffer) {
    sum(buffer, WireDType.FP32);
  }

  /**
   * Replaces the buffer by the sum of all workers' buffers: the same bits everywhere.
   *
   * <p>Each number is added up in fp32 in the order of the ranks. So the sum of a buffer has the
   * bits of the sums of its parts, whatever the parts, the transport and the order of arrival. With
   * one worker nothing travels, and nothing is rounded.
   *
   * <p>Blocks until every worker has called it; no longer than the timeout of the group for any
   * other worker's next message.
   *
   * @throws CollectiveException if a worker is lost, aborts or is late, or the thread is
   *     interrupted; the buffer then holds anything, and nobody writes to it any more
   */
  void sum(NativeFloats buffer, WireDType wire);

  /** What this worker has sent to the others; nothing where they read each other's memory. */
  default Traffic sent() {
    return new Traffic(0, 0, 0);
  }

  /**
   * Makes the current call of {@link #sum}, or else the next one, fail on this worker, and soon on
   * the others.
   *
   * <p>Any thread may call it, more than once; it doesn't wait. The first cause is reported.
   */
  void abort(String cause);

  /**
   * Leaves the group and frees what it holds. After a sum it waits up to some seconds for the
   * others to have their last sum too. Doesn't throw; may be called twice.
   */
  @Override
  void close();
}
