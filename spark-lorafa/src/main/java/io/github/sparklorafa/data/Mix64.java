package io.github.sparklorafa.data;

/** SplitMix64's finaliser (Steele, Lea, Flood 2014): a bijection of 64 bits that mixes well. */
final class Mix64 {

  /**
   * The odd constant nearest to 2⁶⁴ over the golden ratio; neighbouring multiples differ widely.
   */
  static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Mix64() {}

  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
