package io.github.sparklorafa.collective;

import java.time.Duration;

/**
 * Connections from one worker to each of the others, which carry runs of native memory.
 *
 * <p>A link has two lanes. On each, messages arrive in the order in which they were sent, into the
 * memory given to {@link #receive} in the same order. Whoever sends knows that the other side has
 * given that memory, so that nothing has to be kept in between.
 *
 * <p>One thread at a time uses a worker's links; {@link #abort} may be called from any.
 */
public interface Links extends AutoCloseable {
  /** The two kinds of messages that are under way at the same time. */
  enum Lane {
    /** A worker's own numbers, on their way to the rank that adds them up. */
    ADDEND,
    /** The sum, on its way back. */
    SUM
  }

  /** A link that broke, or on which nothing came in time. */
  final class BrokenLinkException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int peer;

    /**
     * Says what happened.
     *
     * @param peer rank at the other end; -1 if it isn't known
     */
    public BrokenLinkException(int peer, String message) {
      super(message);
      this.peer = peer;
    }

    /** Rank of the worker at the other end; -1 if it isn't known. */
    public int peer() {
      return peer;
    }
  }

  /** This worker's number, from 0. */
  int rank();

  /** The number of workers. */
  int size();

  /**
   * Gives the next message of {@code lane} from rank {@code from} a place. Doesn't wait.
   *
   * @param into what the message may fill, wholly or not
   */
  void receive(Lane lane, int from, NativeBytes into);

  /**
   * Blocks until the next message of {@code lane} from rank {@code from} is in its place.
   *
   * @param bytes that it must have
   * @throws BrokenLinkException if that rank, or any other, is lost
   */
  void awaitReceived(Lane lane, int from, long bytes, Duration timeout);

  /**
   * Sends a message. Doesn't wait.
   *
   * @param message left as it is until {@link #awaitSent}, or until the answer shows that it came
   */
  void send(Lane lane, int to, NativeBytes message);

  /**
   * Blocks until no memory given to {@link #send} is read any more. Ends an exchange: all that was
   * to come has come, too.
   *
   * @throws BrokenLinkException if a rank is lost
   */
  void awaitSent(Duration timeout);

  /** What this worker has sent so far. */
  Communicator.Traffic sent();

  /** Breaks all links: who waits on this side or the other gets a {@link BrokenLinkException}. */
  void abort();

  /**
   * Breaks all links, and blocks until no memory given to {@link #receive} or {@link #send} is read
   * or written any more. Unless {@link #abort} was called before, it waits up to some seconds for
   * the others to have what was sent to them. Doesn't throw; may be called twice.
   */
  @Override
  void close();
}
