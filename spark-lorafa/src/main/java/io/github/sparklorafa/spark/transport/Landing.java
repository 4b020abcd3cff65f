package io.github.sparklorafa.spark.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import java.util.Map;
import org.apache.spark.network.util.TransportFrameDecoder;

/**
 * Where Netty reads to from one connection: straight to the place of a message, once it is known
 * which message comes. Not where what comes is encrypted, nor before the peer is let in.
 *
 * <p>What is read for a label is short, so that little of a long message comes with it; a short one
 * comes whole.
 */
final class Landing extends DefaultMaxMessagesRecvByteBufAllocator {
  private static final int USUAL = 1 << 16;
  private static final int SHORT = 1 << 12;

  private Incoming incoming;

  /** Before anything is read from the channel. */
  static void prepare(Channel channel) {
    channel.config().setRecvByteBufAllocator(new Landing());
  }

  /** From now on for the messages of a peer. Call on the channel's event loop. */
  static void use(Channel channel, Incoming incoming) {
    if (readsWhatWasSent(channel)
        && channel.config().getRecvByteBufAllocator() instanceof Landing landing) {
      landing.incoming = incoming;
    }
  }

  /** Whether nobody decrypts what comes. */
  private static boolean readsWhatWasSent(Channel channel) {
    for (Map.Entry<String, ChannelHandler> handler : channel.pipeline()) {
      if (handler.getValue() instanceof ChannelInboundHandler first) {
        return first instanceof TransportFrameDecoder;
      }
    }
    return false;
  }

  @Override
  public Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public ByteBuf allocate(ByteBufAllocator allocator) {
        ByteBuf place = incoming == null ? null : incoming.place();
        return place == null ? allocator.ioBuffer(guess()) : place;
      }

      @Override
      public int guess() {
        return incoming == null ? USUAL : SHORT;
      }
    };
  }
}
