package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.global.torch_gloo;
import org.bytedeco.pytorch.gloo.Device;
import org.bytedeco.pytorch.gloo.Pair;
import org.bytedeco.pytorch.gloo.TransportContext;
import org.bytedeco.pytorch.gloo.attr;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker that listens for the others, before they know of each other.
 *
 * <p>It is the first half of a Gloo rendezvous without a store: {@link #offer} says where this
 * worker listens, and {@link #connect} takes the offers of all. Gloo (the one inside libtorch)
 * listens on a free port of the given address only and knows neither authentication nor encryption.
 */
public final class GlooEndpoint implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(GlooEndpoint.class);

  private final int rank;
  private final int size;
  private final Duration timeout;
  private final Device device;
  private final TransportContext context;
  private final Map<Integer, Pair> pairs = new LinkedHashMap<>();
  private boolean closed;

  private GlooEndpoint(
      String address, int rank, int size, Duration timeout, attr attributes, Milliseconds connect) {
    this.rank = rank;
    this.size = size;
    this.timeout = timeout;
    try {
      this.device = torch_gloo.CreateDevice(attributes);
      this.context = device.createContext(rank, size);
      context.setTimeout(connect);
      IntStream.range(0, size)
          .filter(peer -> peer != rank)
          .forEach(peer -> pairs.put(peer, context.createPair(peer)));
    } catch (RuntimeException e) {
      throw CollectiveException.cannotListen(address, GlooErrors.text(e), e);
    }
  }

  /**
   * Starts to listen; blocks for no one.
   *
   * @param address of this machine, as the other workers reach it
   * @param timeout that a sum may take
   * @throws CollectiveException if nobody can listen on that address
   */
  public static GlooEndpoint open(String address, int rank, int size, Duration timeout) {
    Natives.ensureLoaded();
    try (Scope scope = new Scope()) {
      GlooEndpoint endpoint =
          new GlooEndpoint(
              address,
              rank,
              size,
              timeout,
              new attr(address),
              new Milliseconds(CONNECT_TIMEOUT.toMillis()));
      scope.release(endpoint.device);
      scope.release(endpoint.context);
      endpoint.pairs.values().forEach(scope::release);
      return endpoint;
    }
  }

  @Override
  public String offer() {
    Map<Integer, byte[]> addresses = new LinkedHashMap<>();
    try (Scope scope = new Scope()) {
      pairs.forEach((peer, pair) -> addresses.put(peer, address(pair)));
    }
    return GlooOffer.text(addresses);
  }

  /** {@link #connect(List, List)} to workers without names. */
  public Communicator connect(List<String> offers) {
    return connect(offers, IntStream.range(0, size).mapToObj(peer -> "rank " + peer).toList());
  }

  @Override
  public Communicator connect(List<String> offers, List<String> names) {
    int peer = -1;
    try (Scope scope = new Scope()) {
      for (Map.Entry<Integer, Pair> pair : pairs.entrySet()) {
        peer = pair.getKey();
        byte[] own = address(pair.getValue());
        pair.getValue().connect(new ByteVector(GlooOffer.address(offers.get(peer), rank, own)));
      }
    } catch (RuntimeException e) {
      throw CollectiveException.cannotConnect(rank, names.get(peer), GlooErrors.text(e), e);
    }
    return Communicator.over(new GlooLinks(this, rank, size), names, timeout);
  }

  /** Closes the connections; the others notice at once. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    disconnect();
    pairs.values().forEach(Pair::close);
    context.close();
    device.close();
  }

  /** Closes the connections and frees nothing, so that any thread may do it. */
  void disconnect() {
    for (Pair pair : pairs.values()) {
      try {
        pair._close();
      } catch (RuntimeException e) {
        LOG.debug("The other side was first to close", e);
      }
    }
  }

  TransportContext context() {
    return context;
  }

  /** A rank other than {@code peer} whose connection is down, or else {@code peer}. */
  int disconnected(int peer) {
    return pairs.entrySet().stream()
        .filter(pair -> pair.getKey() != peer && !pair.getValue().isConnected())
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(peer);
  }

  private static byte[] address(Pair pair) {
    ByteVector bytes = pair._address().bytes();
    byte[] copy = new byte[(int) bytes.size()];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = bytes.get(i);
    }
    return copy;
  }
}
