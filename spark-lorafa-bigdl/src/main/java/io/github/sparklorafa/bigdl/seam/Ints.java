package io.github.sparklorafa.bigdl.seam;

import java.nio.ByteBuffer;

/** Numbers as four bytes. */
public final class Ints {
  private Ints() {}

  public static byte[] toByteArray(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }
}
