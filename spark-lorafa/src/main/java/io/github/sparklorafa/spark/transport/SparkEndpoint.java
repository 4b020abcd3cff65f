package io.github.sparklorafa.spark.transport;

import io.github.sparklorafa.collective.CollectiveException;
import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.Endpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.apache.spark.network.server.TransportServer;

/**
 * A worker that listens on Spark's network layer, on a free port of its executor's address.
 *
 * <p>With {@code spark.authenticate} on, a connection is let through only after Spark's own
 * handshake, and encrypted if {@code spark.network.crypto.enabled} says so. In any case a peer must
 * present the token that this worker gave to the others in the rendezvous.
 */
public final class SparkEndpoint implements Endpoint {
  private final int rank;
  private final int size;
  private final Duration timeout;
  private final byte[] token = Offer.newToken();
  private final Inbox inbox;
  private final Porter porter;
  private final TransportContext context;
  private final TransportClientFactory clients;
  private final TransportServer server;
  private final Offer offer;
  private final Map<Integer, TransportClient> peers = new LinkedHashMap<>();
  private boolean closed;

  private SparkEndpoint(String address, int rank, int size, Duration timeout, Security security) {
    this.rank = rank;
    this.size = size;
    this.timeout = timeout;
    this.inbox = new Inbox(size);
    this.porter = new Porter(rank, size, token, inbox);
    this.context = new TransportContext(security.settings(size), porter);
    this.clients = context.createClientFactory(security.clientBootstraps(context.getConf()));
    try {
      this.server = context.createServer(address, 0, security.serverBootstraps(context.getConf()));
    } catch (RuntimeException e) {
      clients.close();
      context.close();
      throw e;
    }
    this.offer = new Offer(address, server.getPort(), token);
  }

  /**
   * Starts to listen with the settings and secrets of the executor; blocks for no one.
   *
   * @param address of this machine, as the other workers reach it
   * @param timeout that a worker waits for another in a sum
   * @throws CollectiveException if nobody can listen on that address
   */
  public static SparkEndpoint open(String address, int rank, int size, Duration timeout) {
    SparkEnv env = SparkEnv.get();
    return open(address, rank, size, timeout, env.conf(), env.securityManager());
  }

  static SparkEndpoint open(
      String address,
      int rank,
      int size,
      Duration timeout,
      SparkConf conf,
      SecretKeyHolder secrets) {
    try {
      return new SparkEndpoint(address, rank, size, timeout, new Security(conf, secrets));
    } catch (RuntimeException e) {
      throw CollectiveException.cannotListen(address, Texts.of(e), e);
    }
  }

  @Override
  public String offer() {
    return offer.text();
  }

  int port() {
    return offer.port();
  }

  @Override
  public Communicator connect(List<String> offers, List<String> names) {
    SparkLinks links = new SparkLinks(this, rank, size, inbox, peers);
    // Messages have their places before any peer is greeted, which may send them at once.
    Communicator communicator = Communicator.over(links, names, timeout);
    boolean done = false;
    try {
      connect(offers, names, links);
      done = true;
      return communicator;
    } finally {
      if (!done) {
        links.abort();
        communicator.close();
      }
    }
  }

  private void connect(List<String> offers, List<String> names, SparkLinks links) {
    int peer = -1;
    try {
      for (peer = 0; peer < size; peer++) {
        if (peer != rank) {
          links.connected(peer, greeted(Offer.of(offers.get(peer))));
        }
      }
      peer = porter.awaitAll(CONNECT_TIMEOUT.toMillis());
    } catch (IOException | RuntimeException e) {
      throw CollectiveException.cannotConnect(rank, names.get(peer), Texts.of(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CollectiveException.cannotConnect(
          rank, "the others", "the waiting thread was interrupted", e);
    }
    if (peer >= 0) {
      throw CollectiveException.cannotConnect(rank, names.get(peer), "it did not call back", null);
    }
  }

  private TransportClient greeted(Offer peer) throws IOException, InterruptedException {
    TransportClient client = clients.createUnmanagedClient(peer.host(), peer.port());
    try {
      client.sendRpcSync(
          new Greeting(rank, size, peer.token()).bytes(), CONNECT_TIMEOUT.toMillis());
      return client;
    } catch (RuntimeException e) {
      client.close();
      throw e;
    }
  }

  /** Hangs up on all peers. Doesn't wait; any thread may call it. */
  void hangUp() {
    porter.close();
  }

  /** The same, and blocks until nothing is read from them any more. */
  void hangUpAndWait() {
    porter.close();
    porter.awaitClosed();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      porter.close();
      server.close();
      peers.values().forEach(TransportClient::close);
      clients.close();
      context.close();
    }
  }
}
