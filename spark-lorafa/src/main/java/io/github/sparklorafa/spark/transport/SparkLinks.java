package io.github.sparklorafa.spark.transport;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.Links;
import io.github.sparklorafa.collective.NativeBytes;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;

/**
 * Spark's connections: one to each peer for what this worker sends, and one from each.
 *
 * <p>A message is an upload stream. Netty writes it from the native memory itself, and on the other
 * side each part goes from Netty's buffer to its place as it comes in; no message is put together
 * in between. The answer that Spark's protocol asks for confirms that all of it is in its place.
 */
final class SparkLinks implements Links {
  /** Before each message: length, type, request, the label's and the body's length, the label. */
  static final int REQUEST_FRAMING = 8 + 1 + 8 + 4 + 8 + Label.BYTES;

  /** The answer to each message: length, type, request, length of an empty body. */
  static final int ANSWER_FRAMING = 8 + 1 + 8 + 4;

  private static final long FAREWELL_SECONDS = 5;

  private final SparkEndpoint endpoint;
  private final int rank;
  private final int size;
  private final Inbox inbox;
  private final Map<Integer, TransportClient> peers;
  private final long[][] numbers;
  private final AtomicLong answers;
  private long messages;
  private long payloadBytes;
  private volatile boolean aborted;
  private boolean closed;

  SparkLinks(
      SparkEndpoint endpoint,
      int rank,
      int size,
      Inbox inbox,
      Map<Integer, TransportClient> peers) {
    this.endpoint = endpoint;
    this.rank = rank;
    this.size = size;
    this.inbox = inbox;
    this.peers = new HashMap<>(peers);
    this.numbers = new long[Lane.values().length][size];
    this.answers = new AtomicLong();
    peers.forEach(
        (peer, client) ->
            client.getChannel().closeFuture().addListener(done -> inbox.closed(peer)));
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
    inbox.expect(lane, from, into);
  }

  @Override
  public void awaitReceived(Lane lane, int from, long bytes, Duration timeout) {
    inbox.await(lane, from, bytes, timeout);
    answers.incrementAndGet();
  }

  @Override
  public void send(Lane lane, int to, NativeBytes message) {
    failIfAborted(to);
    Label label = new Label(lane, numbers[lane.ordinal()][to]++, message.count());
    inbox.sending();
    messages++;
    payloadBytes += message.count();
    peers
        .get(to)
        .uploadStream(
            new NioManagedBuffer(label.encoded()),
            new NioManagedBuffer(message.view()),
            new Confirmation(to));
  }

  /** The other side's answer to a message. */
  private final class Confirmation implements RpcResponseCallback {
    private final int peer;

    Confirmation(int peer) {
      this.peer = peer;
    }

    @Override
    public void onSuccess(ByteBuffer response) {
      inbox.confirmed();
    }

    @Override
    public void onFailure(Throwable e) {
      inbox.lost(peer, Texts.of(e));
    }
  }

  @Override
  public void awaitSent(Duration timeout) {
    inbox.awaitConfirmed(timeout);
  }

  /** Counts an answer for each message that has come, as Spark sends it. */
  @Override
  public Communicator.Traffic sent() {
    return new Communicator.Traffic(
        messages, payloadBytes, messages * REQUEST_FRAMING + answers.get() * ANSWER_FRAMING);
  }

  @Override
  public void abort() {
    aborted = true;
    inbox.lost(-1, "the link was broken off");
    peers.values().forEach(client -> client.getChannel().close());
    endpoint.hangUp();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (!aborted) {
      sayFarewell();
    }
    inbox.lost(-1, "the link was closed");
    // Blocks until Netty has let go of each connection, and so of the memory that it wrote from.
    peers.values().forEach(TransportClient::close);
    inbox.closeMemory();
    endpoint.close();
  }

  /** Tells the others that this worker has all that it needs, so that they don't miss it. */
  private void sayFarewell() {
    List<TransportClient> there =
        peers.values().stream().filter(TransportClient::isActive).toList();
    CountDownLatch heard = new CountDownLatch(there.size());
    for (TransportClient peer : there) {
      peer.sendRpc(
          ByteBuffer.allocate(0),
          new RpcResponseCallback() {
            @Override
            public void onSuccess(ByteBuffer response) {
              heard.countDown();
            }

            @Override
            public void onFailure(Throwable e) {
              heard.countDown();
            }
          });
    }
    try {
      heard.await(FAREWELL_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void failIfAborted(int peer) {
    if (aborted) {
      throw new BrokenLinkException(peer, "the link was broken off");
    }
  }
}
