package io.github.sparklorafa.spark.transport;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.util.TransportFrameDecoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers who connects to a worker: lets its peers in, once each, and takes their messages.
 *
 * <p>What Spark's authentication refuses doesn't come here. Whoever comes and doesn't belong here
 * is hung up on, and disturbs nobody; a peer that breaks the rules is lost. Runs on Netty's
 * threads.
 */
final class Porter extends RpcHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Porter.class);
  static final AttributeKey<Integer> RANK = AttributeKey.valueOf("spark-lorafa.rank");

  /** As long as Spark's clients wait. */
  private static final long CLOSE_SECONDS = 10;

  private final int rank;
  private final int size;
  private final byte[] token;
  private final Inbox inbox;
  private final StreamManager noStreams = new OneForOneStreamManager();
  private final Map<Integer, Channel> peers = new ConcurrentHashMap<>();
  private boolean closed;

  Porter(int rank, int size, byte[] token, Inbox inbox) {
    this.rank = rank;
    this.size = size;
    this.token = token.clone();
    this.inbox = inbox;
  }

  /** A greeting, or a peer's farewell, which is empty. */
  @Override
  public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
    Channel channel = client.getChannel();
    Integer peer = channel.attr(RANK).get();
    if (peer != null) {
      inbox.left(peer);
      callback.onSuccess(ByteBuffer.allocate(0));
      return;
    }
    try {
      admit(channel, Greeting.of(message));
      callback.onSuccess(ByteBuffer.allocate(0));
    } catch (IllegalArgumentException e) {
      LOG.warn("Refused {}: {}", channel.remoteAddress(), e.getMessage());
      channel.close();
    }
  }

  private synchronized void admit(Channel channel, Greeting greeting) {
    int peer = greeting.rank();
    if (!greeting.knows(token)) {
      throw new IllegalArgumentException("a greeting of another run");
    }
    if (closed || greeting.size() != size || peer < 0 || peer >= size || peer == rank) {
      throw new IllegalArgumentException(
          "rank " + peer + " of " + greeting.size() + ", in a group of " + size);
    }
    if (peers.putIfAbsent(peer, channel) != null) {
      throw new IllegalArgumentException("a second rank " + peer);
    }
    channel.attr(RANK).set(peer);
    StrangerGuard.admit(channel);
    Incoming incoming = new Incoming(peer, inbox);
    ((TransportFrameDecoder) channel.pipeline().get(TransportFrameDecoder.HANDLER_NAME))
        .setInterceptor(incoming);
    Landing.use(channel, incoming);
    notifyAll();
  }

  /**
   * Blocks until all peers are in.
   *
   * @return the first that isn't when time runs out; -1 if all are
   */
  synchronized int awaitAll(long milliseconds) throws InterruptedException {
    long deadline = System.nanoTime() + milliseconds * 1_000_000;
    for (int peer = 0; peer < size; peer++) {
      while (peer != rank && !peers.containsKey(peer)) {
        long remaining = (deadline - System.nanoTime()) / 1_000_000;
        if (remaining <= 0) {
          return peer;
        }
        wait(remaining);
      }
    }
    return -1;
  }

  @Override
  public void channelInactive(TransportClient client) {
    Integer peer = client.getChannel().attr(RANK).get();
    if (peer != null) {
      inbox.closed(peer);
    }
  }

  @Override
  public void exceptionCaught(Throwable cause, TransportClient client) {
    Integer peer = client.getChannel().attr(RANK).get();
    if (peer != null) {
      inbox.lost(peer, Texts.of(cause));
    }
  }

  @Override
  public StreamManager getStreamManager() {
    return noStreams;
  }

  /** Hangs up on all, and lets nobody in any more. Doesn't wait. */
  synchronized void close() {
    closed = true;
    peers.values().forEach(Channel::close);
  }

  /** Blocks until nothing is read from the peers any more, after {@link #close}. */
  void awaitClosed() {
    for (Channel peer : peers.values()) {
      peer.closeFuture().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
  }
}
