package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.gloo.UnboundBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gloo's own connections and buffers.
 *
 * <p>Why not {@code ProcessGroupGloo}: its work can't be taken back, so that an aborted sum would
 * go on writing to memory that its owner has freed. These buffers can be left at any time.
 *
 * <p>A buffer of Gloo's is made once and spans all of memory, so that the offset of a message in it
 * is its address. There is one for each peer and lane, because Gloo tells only how many messages of
 * a buffer have come, and not which.
 */
final class GlooLinks implements Links {
  /** Kinds of messages: those of the lanes, and empty ones that say that a peer has all. */
  private static final int KINDS = Lane.values().length + 1;

  private static final int HAS_ALL = Lane.values().length;
  private static final long NEVER_SENT = Long.MAX_VALUE;
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(GlooLinks.class);

  private final GlooEndpoint endpoint;
  private final int rank;
  private final int size;
  private final UnboundBuffer outbox;
  private final UnboundBuffer[][] inboxes;
  private final List<UnboundBuffer> buffers = new ArrayList<>();
  private final long[][] sent;
  private final long[][] expected;
  private long unfinished;
  private boolean owedHasAll;
  private long messages;
  private long payloadBytes;
  private volatile boolean aborted;
  private boolean closed;

  GlooLinks(GlooEndpoint endpoint, int rank, int size) {
    this.endpoint = endpoint;
    this.rank = rank;
    this.size = size;
    this.sent = new long[KINDS][size];
    this.expected = new long[KINDS][size];
    this.inboxes = new UnboundBuffer[KINDS][size];
    try (Scope scope = new Scope()) {
      outbox = allOfMemory(scope);
      for (UnboundBuffer[] inbox : inboxes) {
        IntStream.range(0, size).forEach(peer -> inbox[peer] = allOfMemory(scope));
      }
    }
    buffers.forEach(this::watchAllPeers);
  }

  /**
   * Gloo wakes who waits for a buffer when a link breaks from which the buffer expects anything.
   */
  private void watchAllPeers(UnboundBuffer buffer) {
    for (int peer = 0; peer < size; peer++) {
      if (peer != rank) {
        int watched = peer;
        guarded(peer, () -> buffer.recv(watched, NEVER_SENT, 0, 0));
      }
    }
  }

  private UnboundBuffer allOfMemory(Scope scope) {
    UnboundBuffer buffer =
        scope.release(endpoint.context().createUnboundBuffer(new Pointer(), Long.MAX_VALUE));
    buffers.add(buffer);
    return buffer;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void receive(Lane lane, int from, NativeBytes into) {
    receive(lane.ordinal(), from, into);
  }

  private void receive(int kind, int from, NativeBytes into) {
    long slot = slot(kind, expected[kind][from]++);
    guarded(from, () -> inboxes[kind][from].recv(from, slot, into.address(), into.count()));
  }

  @Override
  public void awaitReceived(Lane lane, int from, long bytes, Duration timeout) {
    awaitReceived(lane.ordinal(), from, timeout);
  }

  private void awaitReceived(int kind, int from, Duration timeout) {
    try (Milliseconds patience = new Milliseconds(timeout.toMillis())) {
      guarded(from, () -> finish(from, inboxes[kind][from].waitRecv(patience)));
    }
  }

  @Override
  public void send(Lane lane, int to, NativeBytes message) {
    send(lane.ordinal(), to, message);
    messages++;
    payloadBytes += message.count();
  }

  private void send(int kind, int to, NativeBytes message) {
    long slot = slot(kind, sent[kind][to]++);
    guarded(to, () -> outbox.send(to, slot, message.address(), message.count()));
    unfinished++;
  }

  @Override
  public void awaitSent(Duration timeout) {
    try (Milliseconds patience = new Milliseconds(timeout.toMillis())) {
      for (; unfinished > 0; unfinished--) {
        guarded(-1, () -> finish(-1, outbox.waitSend(patience)));
      }
    }
    takeHasAll(timeout);
    NativeBytes nothing = new NativeBytes(0, 0);
    for (int peer = 0; peer < size; peer++) {
      if (peer != rank) {
        receive(HAS_ALL, peer, nothing);
        send(HAS_ALL, peer, nothing);
      }
    }
    owedHasAll = true;
  }

  /** Takes the others' word that they have all of the last exchange. */
  private void takeHasAll(Duration timeout) {
    for (int peer = 0; owedHasAll && peer < size; peer++) {
      if (peer != rank) {
        awaitReceived(HAS_ALL, peer, timeout);
      }
    }
    owedHasAll = false;
  }

  /** Gloo adds 48 bytes to a message, and sends as much again now and then to say who waits. */
  @Override
  public Communicator.Traffic sent() {
    return new Communicator.Traffic(messages, payloadBytes, 0);
  }

  @Override
  public void abort() {
    synchronized (buffers) {
      aborted = true;
      if (!closed) {
        for (UnboundBuffer buffer : buffers) {
          buffer.abortWaitRecv();
          buffer.abortWaitSend();
        }
        endpoint.disconnect();
      }
    }
  }

  @Override
  public void close() {
    if (!aborted) {
      sayFarewell();
    }
    synchronized (buffers) {
      aborted = true;
      if (!closed) {
        closed = true;
        // Gloo drops what is still under way to or from a buffer that is gone.
        buffers.forEach(UnboundBuffer::close);
        endpoint.close();
      }
    }
  }

  /**
   * Gloo resets connections as it closes them, and what is still under way is lost: so whoever
   * leaves waits until the others have all.
   */
  private void sayFarewell() {
    try {
      takeHasAll(FAREWELL);
    } catch (BrokenLinkException e) {
      LOG.debug("The other side was first to close", e);
    }
  }

  private static long slot(int kind, long number) {
    return number * KINDS + kind;
  }

  private void finish(int peer, boolean done) {
    if (!done) {
      throw new BrokenLinkException(peer, "its link was broken off");
    }
  }

  /**
   * The rank that was lost: this one, unless it has only left because of another, which is then the
   * one whose link is down too. When time runs out, Gloo takes down all links.
   */
  private int firstLost(int peer, RuntimeException e) {
    return GlooErrors.isTimeout(e) ? peer : endpoint.disconnected(peer);
  }

  private void guarded(int peer, Runnable call) {
    if (aborted) {
      throw new BrokenLinkException(peer, "its link was broken off");
    }
    try {
      call.run();
    } catch (BrokenLinkException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new BrokenLinkException(firstLost(peer, e), GlooErrors.text(e));
    }
  }
}
