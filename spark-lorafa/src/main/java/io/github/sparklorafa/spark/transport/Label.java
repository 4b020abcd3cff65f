package io.github.sparklorafa.spark.transport;

import io.github.sparklorafa.collective.Links.Lane;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * What stands before the numbers of a message.
 *
 * @param lane it belongs to
 * @param number of the message on its lane, from 0
 * @param bytes that follow
 */
record Label(Lane lane, long number, long bytes) {
  static final int BYTES = 1 + 2 * Long.BYTES;

  /** Lanes count from 1. */
  void writeTo(ByteBuf out) {
    out.writeByte(1 + lane.ordinal()).writeLong(number).writeLong(bytes);
  }

  /**
   * Reads what a peer has sent.
   *
   * @throws IllegalArgumentException with the reason, if it's no label
   */
  static Label of(ByteBuffer bytes) {
    int lane = bytes.get();
    if (lane < 1 || lane > Lane.values().length) {
      throw new IllegalArgumentException("a message on lane " + lane);
    }
    return new Label(Lane.values()[lane - 1], bytes.getLong(), bytes.getLong());
  }
}
