package io.github.sparklorafa.spark.transport;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.Links;
import io.github.sparklorafa.collective.NativeBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;

/**
 * Spark's connections: one to each peer for what this worker sends, and one from each.
 *
 * <p>A message is a {@link Label} and the numbers, written below Spark's own messages and above its
 * encryption. Netty writes it from the native memory itself, and {@link Incoming} takes it on the
 * other side. No message is answered: the sum that comes back shows that the addends came, and the
 * answer to the farewell that all did.
 */
final class SparkLinks implements Links {
  private static final long FAREWELL_SECONDS = 5;

  private final SparkEndpoint endpoint;
  private final int rank;
  private final int size;
  private final Inbox inbox;
  private final Map<Integer, TransportClient> peers;
  private final long[][] numbers;
  private long messages;
  private long payloadBytes;
  private volatile boolean aborted;
  private boolean closed;

  /**
   * @param peers the clients of those that are connected, which the endpoint closes too
   */
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
    this.peers = peers;
    this.numbers = new long[Lane.values().length][size];
  }

  /** From now on what is sent to {@code peer} goes to {@code client}; before the first message. */
  void connected(int peer, TransportClient client) {
    peers.put(peer, client);
    client.getChannel().closeFuture().addListener(done -> inbox.closed(peer));
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
  }

  @Override
  public void send(Lane lane, int to, NativeBytes message) {
    failIfAborted(to);
    Label label = new Label(lane, numbers[lane.ordinal()][to]++, message.count());
    inbox.sending();
    messages++;
    payloadBytes += message.count();
    Channel channel = peers.get(to).getChannel();
    channel.eventLoop().execute(() -> write(to, channel, label, message));
  }

  /** On Netty's thread, so that one wake-up writes all. */
  private void write(int to, Channel channel, Label label, NativeBytes message) {
    ByteBuf head = channel.alloc().directBuffer(Label.BYTES);
    label.writeTo(head);
    channel.write(head);
    channel
        .writeAndFlush(Unpooled.wrappedBuffer(message.view()))
        .addListener(
            done -> {
              if (done.isSuccess()) {
                inbox.written();
              } else {
                inbox.lost(to, Texts.of(done.cause()));
              }
            });
  }

  @Override
  public void awaitSent(Duration timeout) {
    inbox.awaitWritten(timeout);
  }

  @Override
  public Communicator.Traffic sent() {
    return new Communicator.Traffic(messages, payloadBytes, messages * Label.BYTES);
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
    // Blocks until Netty has let go of each connection, and so of the memory that it wrote from
    // or read to.
    peers.values().forEach(TransportClient::close);
    endpoint.hangUpAndWait();
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
