package io.github.sparklorafa.spark.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.apache.spark.network.protocol.Message;
import org.apache.spark.network.util.TransportFrameDecoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hangs up on who sends much, or takes long, before it has shown that it belongs here.
 *
 * <p>Spark's frame decoder would keep up to 2 GB of whatever a stranger calls a frame.
 */
final class StrangerGuard extends ChannelInboundHandlerAdapter {
  /** Spark's handshakes take less than 2 KB. */
  static final int MOST_BYTES = 1 << 14;

  private static final Logger LOG = LoggerFactory.getLogger(StrangerGuard.class);
  private static final String NAME = "spark-lorafa-strangers";
  private static final long PATIENCE_SECONDS = 60;

  private long bytes;

  static void watch(Channel channel) {
    channel.pipeline().addFirst(NAME, new StrangerGuard());
  }

  /** Lets a channel go on as a peer's. Call on its event loop. */
  static void admit(Channel channel) {
    channel.pipeline().remove(NAME);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    context
        .executor()
        .schedule(
            () -> {
              if (!context.isRemoved() && context.channel().isOpen()) {
                hangUp(context, "said nothing of use");
              }
            },
            PATIENCE_SECONDS,
            TimeUnit.SECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    ByteBuf buffer = (ByteBuf) message;
    if (context.pipeline().get(RequestsOnly.NAME) == null) {
      // Not before: a channel is watched before it has Spark's handlers.
      context
          .pipeline()
          .addAfter(TransportFrameDecoder.HANDLER_NAME, RequestsOnly.NAME, new RequestsOnly());
    }
    bytes += buffer.readableBytes();
    if (bytes > MOST_BYTES) {
      buffer.release();
      hangUp(context, "sent " + bytes + " bytes without a greeting");
    } else {
      super.channelRead(context, message);
    }
  }

  /**
   * Lets nothing but requests through to Spark's decoder, which is all that workers send and that
   * Spark's handshakes are: of other messages it would believe lengths, and make room for 2 GB.
   * Stays when a peer is let in.
   */
  private static final class RequestsOnly extends ChannelInboundHandlerAdapter {
    private static final String NAME = "spark-lorafa-requests";

    private boolean hungUp;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      ByteBuf frame = (ByteBuf) message;
      if (!hungUp
          && frame.isReadable()
          && frame.getByte(frame.readerIndex()) == Message.Type.RpcRequest.id()) {
        super.channelRead(context, message);
        return;
      }
      frame.release();
      if (!hungUp) {
        hungUp = true;
        hangUp(context, "sent what is no request");
      }
    }
  }

  private static void hangUp(ChannelHandlerContext context, String why) {
    LOG.warn("Hung up on {}, which {}", context.channel().remoteAddress(), why);
    context.close();
  }
}
