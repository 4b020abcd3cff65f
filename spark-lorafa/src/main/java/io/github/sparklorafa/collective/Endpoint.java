package io.github.sparklorafa.collective;

import java.time.Duration;
import java.util.List;

/**
 * A worker that listens for the others, before they know of each other.
 *
 * <p>{@link #offer} says where, and {@link #connect} takes the offers of all, which reach this
 * worker by any means.
 */
public interface Endpoint extends AutoCloseable {
  /** How long each of the others may take to answer. */
  Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

  /** What the other workers need to connect to this one: one line of text without spaces. */
  String offer();

  /**
   * Connects to all others; the endpoint is then part of the communicator. Blocks until all have
   * done so, at most for {@link #CONNECT_TIMEOUT} each.
   *
   * @param offers of all ranks, in rank order
   * @param names of all ranks, for messages
   * @throws CollectiveException if one does not answer; the endpoint is left to the caller to close
   */
  Communicator connect(List<String> offers, List<String> names);

  /** Stops to listen and closes all connections. Doesn't throw; may be called twice. */
  @Override
  void close();
}
