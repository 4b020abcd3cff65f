package io.github.sparklorafa.spark.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.collective.Links.Lane;
import io.github.sparklorafa.collective.NativeBytes;
import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import io.github.sparklorafa.tensor.Natives;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportResponseHandler;
import org.apache.spark.network.protocol.MessageDecoder;
import org.apache.spark.network.server.TransportChannelHandler;
import org.apache.spark.network.server.TransportRequestHandler;
import org.apache.spark.network.util.NettyUtils;
import org.apache.spark.network.util.TransportFrameDecoder;
import org.bytedeco.javacpp.BytePointer;

/** What comes over the network to a worker, and what a worker says of where it listens. */
class WireProperties {
  private static final byte[] TOKEN = "sixteen bytes---".getBytes(StandardCharsets.US_ASCII);
  private static final int RANK = 1;
  private static final int SIZE = 3;
  private static final int PLACE_BYTES = 64;
  private static final int GUARD_BYTES = 256;
  private static final byte GUARD = 0x5a;

  /** They tell of each stranger, with its stack trace. */
  private static final List<String> LOUD =
      List.of("org.apache.spark.network", WireProperties.class.getPackageName());

  private static BytePointer memory;
  private static TransportContext context;

  @BeforeContainer
  static void open() {
    Natives.ensureLoaded();
    memory = new BytePointer(2L * GUARD_BYTES + PLACE_BYTES);
    context =
        new TransportContext(
            new Security(SparkGroup.plain(), null).settings(SIZE),
            new Porter(RANK, SIZE, TOKEN, new Inbox(SIZE)));
    // Last: Spark sets logging up when it first has something to say.
    LOUD.forEach(name -> Configurator.setLevel(name, Level.OFF));
  }

  @AfterContainer
  static void close() {
    context.close();
    memory.close();
    LOUD.forEach(name -> Configurator.setLevel(name, Level.WARN));
  }

  @Provide
  Arbitrary<String> offers() {
    return Damaged.texts(
        List.of(
            new Offer("127.0.0.1", 4040, TOKEN).text(),
            new Offer("fe80::1%eth0", 65535, TOKEN).text()),
        List.of("#", "@", "=", "#-1", "#65536", "#4294967297"));
  }

  @Property(seed = "81")
  void offers(@ForAll("offers") String text) {
    Limits.reads(
        () -> {
          Offer offer = Offer.of(text);
          assertThat(offer.host()).isNotBlank();
          assertThat(offer.port()).isBetween(1, 65535);
          assertThat(new Greeting(0, 2, offer.token()).bytes().remaining()).isEqualTo(28);
        },
        // The reason only: who connects says which worker's offer it is.
        IllegalArgumentException.class);
  }

  /** A request of Spark's protocol in its frame. */
  private static byte[] frame(int type, byte[] head, byte[] body) {
    int length = Long.BYTES + 1 + head.length + body.length;
    return ByteBuffer.allocate(length).putLong(length).put((byte) type).put(head).put(body).array();
  }

  private static byte[] rpc(byte[] body) {
    return frame(3, ByteBuffer.allocate(12).putLong(77).putInt(body.length).array(), body);
  }

  /** A label and as many bytes of numbers as are {@code sent}, which may be more or fewer. */
  private static byte[] message(Label label, int sent) {
    ByteBuf bytes = Unpooled.buffer();
    label.writeTo(bytes);
    return ByteBuffer.allocate(Label.BYTES + sent).put(bytes.nioBuffer()).array();
  }

  private static byte[] joined(byte[]... parts) {
    ByteBuf bytes = Unpooled.wrappedBuffer(parts);
    byte[] joined = new byte[bytes.readableBytes()];
    bytes.readBytes(joined);
    return joined;
  }

  private static byte[] greeting(byte[] token) {
    return rpc(new Greeting(0, SIZE, token).bytes().array());
  }

  /** From a stranger, who knows all but the token. */
  @Provide
  Arbitrary<byte[]> strangers() {
    return Damaged.bytes(
        List.of(
            greeting(new byte[TOKEN.length]),
            message(new Label(Lane.ADDEND, 0, 16), 16),
            joined(rpc(new byte[0]), message(new Label(Lane.ADDEND, 0, 16), 16)),
            frame(10, new byte[28], new byte[0]),
            frame(9, new byte[] {0, 0, 0, 4}, new byte[4]),
            frame(6, new byte[] {0, 0, 0, 1}, new byte[] {'x'}),
            frame(0, new byte[12], new byte[0])));
  }

  @Property(seed = "82")
  void strangersAreNotLetIn(@ForAll("strangers") byte[] bytes) {
    Inbox inbox = inbox();
    Limits.reads(
        () -> {
          try (Connection connection = new Connection(inbox)) {
            connection.receives(bytes);
            assertThat(connection.isPeer()).isFalse();
          }
        });
    assertThatTheRunGoesOn(inbox);
    assertThatOnlyTheirPlacesWereWritten();
  }

  /** Spark's decoder would make room for 2 GB, before and after a greeting. */
  @Example
  void nobodyNamesALengthThatIsBelieved() {
    byte[] text = frame(6, new byte[] {0x7f, -1, -1, -1}, new byte[] {'x'});
    strangersAreNotLetIn(text);
    peersWriteToTheirPlacesAlone(text);
  }

  /** From a peer: its greeting is good, what follows may be anything. */
  @Provide
  Arbitrary<byte[]> peers() {
    byte[] first = message(new Label(Lane.ADDEND, 0, 16), 16);
    byte[] both = joined(first, message(new Label(Lane.ADDEND, 1, 32), 32));
    byte[] whole = joined(both, rpc(new byte[0]));
    Arbitrary<byte[]> labelled =
        Combinators.combine(
                Arbitraries.integers().between(-1, 3),
                Arbitraries.oneOf(Arbitraries.longs(), Arbitraries.longs().between(-1, 2)),
                Arbitraries.oneOf(Arbitraries.longs(), Arbitraries.longs().between(-1, 70)),
                Arbitraries.integers().between(0, 80))
            .as(
                (lane, number, bytes, sent) -> {
                  byte[] message = message(new Label(Lane.ADDEND, number, bytes), sent);
                  message[0] = lane.byteValue();
                  return joined(message, message);
                });
    return Arbitraries.oneOf(Damaged.bytes(List.of(first, both, whole)), labelled);
  }

  /** At worst that peer is lost; nothing is written but to the places of its messages. */
  @Property(seed = "83")
  void peersWriteToTheirPlacesAlone(@ForAll("peers") byte[] bytes) {
    Inbox inbox = inbox();
    Limits.reads(
        () -> {
          try (Connection connection = new Connection(inbox)) {
            connection.receives(greeting(TOKEN));
            assertThat(connection.isPeer()).isTrue();
            connection.receives(bytes);
          }
        });
    assertThatOnlyTheirPlacesWereWritten();
  }

  /** Waits for two messages of rank 0. */
  private static Inbox inbox() {
    for (long at = 0; at < memory.capacity(); at++) {
      memory.put(at, GUARD);
    }
    Inbox inbox = new Inbox(SIZE);
    long place = memory.address() + GUARD_BYTES;
    inbox.expect(Lane.ADDEND, 0, new NativeBytes(place, 16));
    inbox.expect(Lane.ADDEND, 0, new NativeBytes(place + 16, PLACE_BYTES - 16));
    return inbox;
  }

  private static void assertThatTheRunGoesOn(Inbox inbox) {
    Inbox.Delivery delivery = inbox.deliver(0, new Label(Lane.ADDEND, 0, 16));
    delivery.put(ByteBuffer.allocate(16));
    delivery.complete();
    inbox.await(Lane.ADDEND, 0, 16, Duration.ofSeconds(1));
  }

  private static void assertThatOnlyTheirPlacesWereWritten() {
    for (long at = 0; at < GUARD_BYTES; at++) {
      assertThat(memory.get(at)).isEqualTo(GUARD);
      assertThat(memory.get(GUARD_BYTES + PLACE_BYTES + at)).isEqualTo(GUARD);
    }
  }

  /** A connection to a worker without a network: Spark's own handlers, as in its pipeline. */
  private static final class Connection implements AutoCloseable {
    private final EmbeddedChannel channel = new EmbeddedChannel();

    Connection(Inbox inbox) {
      Porter porter = new Porter(RANK, SIZE, TOKEN, inbox);
      TransportResponseHandler responses = new TransportResponseHandler(channel);
      TransportClient client = new TransportClient(channel, responses);
      channel
          .pipeline()
          .addLast(TransportFrameDecoder.HANDLER_NAME, NettyUtils.createFrameDecoder())
          .addLast("decoder", MessageDecoder.INSTANCE)
          .addLast(
              "handler",
              new TransportChannelHandler(
                  client,
                  responses,
                  new TransportRequestHandler(channel, client, porter, Long.MAX_VALUE, null),
                  60_000,
                  false,
                  false,
                  context));
      StrangerGuard.watch(channel);
    }

    /** As two parts, as a network may bring them. */
    void receives(byte[] bytes) {
      int half = bytes.length / 2;
      for (ByteBuf part :
          List.of(
              Unpooled.copiedBuffer(bytes, 0, half),
              Unpooled.copiedBuffer(bytes, half, bytes.length - half))) {
        if (channel.isOpen()) {
          channel.writeInbound(part);
        } else {
          part.release();
        }
      }
    }

    boolean isPeer() {
      return channel.attr(Porter.RANK).get() != null;
    }

    @Override
    public void close() {
      channel.finishAndReleaseAll();
    }
  }
}
