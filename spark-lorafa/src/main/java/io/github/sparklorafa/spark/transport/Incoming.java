package io.github.sparklorafa.spark.transport;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.apache.spark.network.util.TransportFrameDecoder;

/**
 * Takes a peer's messages off its connection once it is let in, before Spark would make frames of
 * them. What comes goes to its place part by part: no message is put together in between, and none
 * is answered.
 *
 * <p>A message begins with its {@link Label}, whose first byte is never 0; a frame of Spark's does
 * begin with 0, the highest byte of its length. The first of those is the peer's farewell, and this
 * is of no more use. Runs on Netty's thread of the connection.
 */
final class Incoming implements TransportFrameDecoder.Interceptor {
  private final int peer;
  private final Inbox inbox;
  private final ByteBuffer label = ByteBuffer.allocate(Label.BYTES);
  private Inbox.Delivery delivery;
  private ByteBuf place;

  Incoming(int peer, Inbox inbox) {
    this.peer = peer;
    this.inbox = inbox;
  }

  /** Where the next bytes may be read to, instead of being copied there; null if anywhere. */
  ByteBuf place() {
    place = delivery == null ? null : delivery.place();
    return place;
  }

  /**
   * Takes all bytes, or those before Spark's next frame.
   *
   * @throws IllegalArgumentException with the reason, if the peer breaks the rules
   */
  @Override
  public boolean handle(ByteBuf bytes) {
    while (bytes.isReadable()) {
      if (delivery != null) {
        put(bytes);
      } else if (label.position() == 0 && bytes.getByte(bytes.readerIndex()) == 0) {
        return false;
      } else {
        read(bytes);
      }
    }
    return true;
  }

  private void read(ByteBuf bytes) {
    label.limit(Math.min(Label.BYTES, label.position() + bytes.readableBytes()));
    bytes.readBytes(label);
    if (label.position() == Label.BYTES) {
      delivery = inbox.deliver(peer, Label.of(label.flip()));
      label.clear();
    }
  }

  private void put(ByteBuf bytes) {
    int count = (int) Math.min(delivery.missing(), bytes.readableBytes());
    if (bytes == place) {
      delivery.isThere(count);
    } else {
      delivery.put(bytes.nioBuffer(bytes.readerIndex(), count));
    }
    bytes.skipBytes(count);
    if (delivery.missing() == 0) {
      delivery.complete();
      delivery = null;
    }
  }

  /** The {@link Porter} hears of it too. */
  @Override
  public void exceptionCaught(Throwable cause) {}

  /** The {@link Porter} hears of it too. */
  @Override
  public void channelInactive() {}
}
