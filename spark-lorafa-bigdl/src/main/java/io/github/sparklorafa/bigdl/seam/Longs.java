package io.github.sparklorafa.bigdl.seam;

import java.nio.ByteBuffer;

/** Numbers as eight bytes. */
public final class Longs {
  private Longs() {}

  public static byte[] toByteArray(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }
}
