package io.github.sparklorafa.spark.transport;

import io.github.sparklorafa.collective.Links.Lane;
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

  ByteBuffer encoded() {
    return ByteBuffer.allocate(BYTES)
        .put((byte) lane.ordinal())
        .putLong(number)
        .putLong(bytes)
        .flip();
  }

  /**
   * Reads what a peer has sent.
   *
   * @throws IllegalArgumentException with the reason, if it's no label
   */
  static Label of(ByteBuffer bytes) {
    if (bytes.remaining() != BYTES) {
      throw new IllegalArgumentException("a label of " + bytes.remaining() + " bytes");
    }
    int lane = bytes.get();
    if (lane < 0 || lane >= Lane.values().length) {
      throw new IllegalArgumentException("a message on lane " + lane);
    }
    return new Label(Lane.values()[lane], bytes.getLong(), bytes.getLong());
  }
}
