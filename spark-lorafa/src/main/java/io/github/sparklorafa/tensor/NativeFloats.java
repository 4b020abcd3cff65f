package io.github.sparklorafa.tensor;

/**
 * A run of fp32 numbers in native memory, as a transport sees it.
 *
 * @param address of the first number
 * @param count of the numbers
 */
public record NativeFloats(long address, long count) {
  /** Bytes of the run. */
  public long bytes() {
    return count * Float.BYTES;
  }
}
