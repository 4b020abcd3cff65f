package io.github.sparklorafa.collective;

import java.nio.ByteBuffer;

/**
 * A run of bytes in native memory that belongs to somebody else.
 *
 * @param address of the first byte
 * @param count of the bytes
 */
public record NativeBytes(long address, long count) {
  /** The same memory for Java's own input and output, of use only while its owner keeps it. */
  public ByteBuffer view() {
    return NativeMemory.view(this);
  }
}
