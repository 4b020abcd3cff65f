package io.github.sparklorafa.collective;

/** How numbers travel between workers. They are summed in fp32 whatever this is. */
public enum WireDType {
  /** As they are: the sum is exact up to fp32's own rounding. */
  FP32(4),

  /**
   * Half the bytes: each worker's numbers are rounded to the nearest bfloat16 (ties to even) before
   * they travel, summed in fp32, and the sum is rounded once again before it comes back.
   */
  BF16(2);

  private final int bytes;

  WireDType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of a number on its way. */
  public int bytes() {
    return bytes;
  }
}
