package io.github.sparklorafa.spark.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.collective.CollectiveException;
import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.Links.Lane;
import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Natives;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.SparkConf;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.server.NoOpRpcHandler;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets in, and what can be seen from outside. */
@Timeout(120)
class SparkEndpointTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int COUNT = 300_001;
  private static final int RUN = 16;

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  @Test
  void whoListensSeesNumbersOnlyWithoutEncryption() throws Exception {
    // All but those that are cut in two by the border of a piece.
    assertThat(runsSeen(SparkGroup.plain())).isGreaterThan(COUNT * Float.BYTES / 2 / RUN - 10);
    assertThat(runsSeen(SparkGroup.encrypted())).isZero();
  }

  /** How many runs of the numbers that rank 0 sends occur in what a listener before rank 1 sees. */
  private int runsSeen(SparkConf conf) throws Exception {
    SparkEndpoint first = SparkGroup.endpoint(0, 2, PATIENCE, conf);
    SparkEndpoint second = SparkGroup.endpoint(1, 2, PATIENCE, conf);
    try (Wiretap tap = Wiretap.before(second.port())) {
      List<Communicator> group =
          SparkGroup.connect(
              List.of(first, second), List.of(first.offer(), tap.tapped(second.offer())));
      sumAll(group);
      group.forEach(Communicator::close);
      return runsOf(values(0), tap.requests());
    }
  }

  /** Sixteen bytes. */
  private record Run(long first, long second) {
    static Run at(ByteBuffer bytes, int position) {
      return new Run(bytes.getLong(position), bytes.getLong(position + Long.BYTES));
    }
  }

  /** Runs of the second half of the values, which is rank 1's chunk, that were seen anywhere. */
  private static int runsOf(float[] values, byte[] seen) {
    Set<Run> all = new HashSet<>();
    for (int i = 0; i + RUN <= seen.length; i++) {
      all.add(Run.at(ByteBuffer.wrap(seen), i));
    }
    ByteBuffer bytes = ByteBuffer.allocate(COUNT * Float.BYTES).order(ByteOrder.nativeOrder());
    bytes.asFloatBuffer().put(values);
    bytes.order(ByteOrder.BIG_ENDIAN);
    int runs = 0;
    for (int at = COUNT / 2 * Float.BYTES; at + RUN <= bytes.capacity(); at += RUN) {
      runs += all.contains(Run.at(bytes, at)) ? 1 : 0;
    }
    return runs;
  }

  @Test
  void sendsTheBufferTwiceLessItsOwnPartAndTheFramingThatItNames() throws Exception {
    SparkEndpoint first = SparkGroup.endpoint(0, 2, PATIENCE, SparkGroup.plain());
    SparkEndpoint second = SparkGroup.endpoint(1, 2, PATIENCE, SparkGroup.plain());
    try (Wiretap tap = Wiretap.before(second.port());
        Wiretap other = Wiretap.before(first.port())) {
      List<Communicator> group =
          SparkGroup.connect(
              List.of(first, second),
              List.of(other.tapped(first.offer()), tap.tapped(second.offer())));
      long requests = tap.requests().length;
      long answers = other.answers().length;
      sumAll(group);
      Communicator.Traffic sent = group.get(0).sent();

      assertThat(sent.payloadBytes()).isEqualTo((long) COUNT * Float.BYTES * 2 / 2);
      // All of rank 0's own bytes: its messages, and its answers to those of rank 1.
      eventually(
          () ->
              assertThat(tap.requests().length - requests + other.answers().length - answers)
                  .isEqualTo(sent.payloadBytes() + sent.framingBytes()));
      group.forEach(Communicator::close);
    }
  }

  @Test
  void aPeerWithTheWrongSecretIsRefusedAndTheRunGoesOn() throws Exception {
    SparkEndpoint first = SparkGroup.endpoint(0, 2, PATIENCE, SparkGroup.encrypted());
    SparkEndpoint second = SparkGroup.endpoint(1, 2, PATIENCE, SparkGroup.encrypted());
    List<String> offers = List.of(first.offer(), second.offer());
    List<String> names = List.of("rank 0", "rank 1");
    try (SparkEndpoint wrong =
            SparkEndpoint.open(
                "127.0.0.1",
                1,
                2,
                PATIENCE,
                SparkGroup.encrypted(),
                SparkGroup.secret("another-secret"));
        SparkEndpoint none = SparkGroup.endpoint(1, 2, PATIENCE, SparkGroup.plain())) {
      for (SparkEndpoint stranger : List.of(wrong, none)) {
        assertThatThrownBy(() -> stranger.connect(offers, names))
            .isInstanceOf(CollectiveException.class)
            .hasMessageStartingWith("Cannot connect rank 1 to rank 0: ")
            .hasMessageNotContaining(SparkGroup.SECRET)
            .hasMessageNotContaining("another-secret");
      }
    }

    List<Communicator> group = SparkGroup.connect(List.of(first, second), offers);
    sumAll(group);
    group.forEach(Communicator::close);
  }

  @Test
  void aStrangerWithoutTheTokenIsRefusedAndTheRunGoesOn() throws Exception {
    SparkEndpoint first = SparkGroup.endpoint(0, 2, PATIENCE, SparkGroup.plain());
    SparkEndpoint second = SparkGroup.endpoint(1, 2, PATIENCE, SparkGroup.plain());
    List<Communicator> group =
        SparkGroup.connect(List.of(first, second), List.of(first.offer(), second.offer()));
    Offer guessed = new Offer("127.0.0.1", first.port(), Offer.newToken());
    try (SparkEndpoint stranger = SparkGroup.endpoint(1, 2, PATIENCE, SparkGroup.plain());
        SparkEndpoint late = SparkGroup.endpoint(1, 2, PATIENCE, SparkGroup.plain())) {
      assertThatThrownBy(
              () ->
                  stranger.connect(
                      List.of(guessed.text(), stranger.offer()), List.of("rank 0", "rank 1")))
          .isInstanceOf(CollectiveException.class);
      // Nor does a second rank 1 that knows the token.
      assertThatThrownBy(
              () -> late.connect(List.of(first.offer(), late.offer()), List.of("rank 0", "rank 1")))
          .isInstanceOf(CollectiveException.class);
    }

    sumAll(group);
    group.forEach(Communicator::close);
  }

  /** Who has been greeted by all sums at once, perhaps before the last one of them is that far. */
  @Test
  void takesWhatComesBeforeAllHaveCalled() throws Exception {
    Security security = new Security(SparkGroup.plain(), SparkGroup.secret(SparkGroup.SECRET));
    try (SparkEndpoint first = SparkGroup.endpoint(0, 3, PATIENCE, SparkGroup.plain());
        SparkEndpoint second = SparkGroup.endpoint(1, 3, PATIENCE, SparkGroup.plain());
        SparkEndpoint third = SparkGroup.endpoint(2, 3, PATIENCE, SparkGroup.plain());
        TransportContext context =
            new TransportContext(security.settings(3), new NoOpRpcHandler());
        TransportClientFactory clients = context.createClientFactory()) {
      Offer offer = Offer.of(second.offer());
      List<String> offers = List.of(first.offer(), second.offer(), third.offer());
      threads.submit(() -> second.connect(offers, List.of("rank 0", "rank 1", "rank 2")));
      Thread.sleep(1000);
      TransportClient early = clients.createClient(offer.host(), offer.port());
      early.sendRpcSync(new Greeting(0, 3, offer.token()).bytes(), 5000);
      ByteBuf message = Unpooled.buffer();
      new Label(Lane.ADDEND, 0, 4).writeTo(message);

      early.getChannel().writeAndFlush(message.writeFloat(1)).sync();
      Thread.sleep(500);

      assertThat(early.isActive()).isTrue();
    }
  }

  @Test
  void randomBytesOnThePortDisturbNobody() throws Exception {
    SparkEndpoint first = SparkGroup.endpoint(0, 2, PATIENCE, SparkGroup.plain());
    SparkEndpoint second = SparkGroup.endpoint(1, 2, PATIENCE, SparkGroup.plain());
    List<Communicator> group =
        SparkGroup.connect(List.of(first, second), List.of(first.offer(), second.offer()));
    Random random = new Random(1);
    for (int caller = 0; caller < 200; caller++) {
      byte[] bytes = new byte[1 + random.nextInt(2000)];
      random.nextBytes(bytes);
      if (caller % 2 == 0 && bytes.length > 9) {
        // A frame of a plausible length, so that what follows is taken for a message.
        ByteBuffer.wrap(bytes).putLong(bytes.length).put((byte) (caller % 13));
      }
      shout(first.port(), bytes);
      if (caller % 50 == 0) {
        sumAll(group);
      }
    }
    sumAll(group);
    group.forEach(Communicator::close);
  }

  @Test
  void whoSendsMuchWithoutAGreetingIsHungUpOn() throws Exception {
    try (SparkEndpoint endpoint = SparkGroup.endpoint(0, 2, PATIENCE, SparkGroup.plain());
        Socket stranger = new Socket(InetAddress.getLoopbackAddress(), endpoint.port())) {
      stranger.setSoTimeout(10_000);
      OutputStream out = stranger.getOutputStream();
      byte[] frame = ByteBuffer.allocate(1 << 16).putLong(1 << 30).array();

      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  out.write(frame);
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void noPortStaysOpen() throws Exception {
    SparkEndpoint first = SparkGroup.endpoint(0, 2, PATIENCE, SparkGroup.plain());
    SparkEndpoint second = SparkGroup.endpoint(1, 2, PATIENCE, SparkGroup.plain());
    List<Communicator> group =
        SparkGroup.connect(List.of(first, second), List.of(first.offer(), second.offer()));
    sumAll(group);

    group.forEach(Communicator::close);

    for (SparkEndpoint endpoint : List.of(first, second)) {
      try (ServerSocket free =
          new ServerSocket(endpoint.port(), 1, InetAddress.getLoopbackAddress())) {
        assertThat(free.isBound()).isTrue();
      }
    }
  }

  @Test
  void nothingPrintedHoldsTheToken() {
    try (SparkEndpoint endpoint = SparkGroup.endpoint(0, 1, PATIENCE, SparkGroup.plain())) {
      String token = endpoint.offer().substring(0, endpoint.offer().indexOf('@'));
      assertThat(Offer.of(endpoint.offer()).toString())
          .isEqualTo("127.0.0.1:" + endpoint.port())
          .doesNotContain(token);
    }
  }

  @Test
  void readsTheOfferOfAnIpv6Address() {
    Offer offer = new Offer("fe80::1%eth0", 4040, Offer.newToken());
    assertThat(Offer.of(offer.text()).host()).isEqualTo("fe80::1%eth0");
    assertThatThrownBy(() -> Offer.of("nonsense")).isInstanceOf(IllegalArgumentException.class);
  }

  private static void shout(int port, byte[] bytes) throws IOException {
    try (Socket stranger = new Socket(InetAddress.getLoopbackAddress(), port)) {
      stranger.getOutputStream().write(bytes);
    } catch (SocketException e) {
      // Hung up on while it spoke.
    }
  }

  private void sumAll(List<Communicator> group) throws Exception {
    List<Future<float[]>> sums = new ArrayList<>();
    for (Communicator communicator : group) {
      sums.add(threads.submit(() -> sum(communicator)));
    }
    float[] first = values(0);
    float[] second = values(1);
    for (Future<float[]> sum : sums) {
      float[] values = sum.get();
      for (int i = 0; i < COUNT; i++) {
        if (values[i] != first[i] + second[i]) {
          throw new AssertionError("number " + i + " is " + values[i]);
        }
      }
    }
  }

  private static float[] sum(Communicator communicator) {
    Natives.ensureLoaded();
    float[] values = values(communicator.rank());
    try (FloatPointer memory = new FloatPointer(values)) {
      communicator.sum(new NativeFloats(memory.address(), COUNT));
      memory.get(values);
      return values;
    }
  }

  private static float[] values(int rank) {
    Random random = new Random(rank);
    float[] values = new float[COUNT];
    for (int i = 0; i < COUNT; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  private static void eventually(Runnable check) throws InterruptedException {
    for (int i = 0; i < 50; i++) {
      try {
        check.run();
        return;
      } catch (AssertionError e) {
        Thread.sleep(100);
      }
    }
    check.run();
  }
}
