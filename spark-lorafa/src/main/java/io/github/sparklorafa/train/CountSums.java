package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.Communicator;

/**
 * Sums of whole numbers over all workers through an all-reduce of fp32: each goes in five digits of
 * 12 bits, which fp32 adds exactly for up to 4,096 workers.
 */
final class CountSums {
  private static final int DIGITS = 5;
  private static final int BITS = 12;
  private static final long MASK = (1L << BITS) - 1;

  private CountSums() {}

  /**
   * The sum of each number; blocks until all workers have come here with as many numbers.
   *
   * @param counts from 0 to 2⁶⁰ − 1
   */
  static long[] overAllWorkers(long[] counts, Communicator communicator) {
    float[] digits = new float[counts.length * DIGITS];
    for (int i = 0; i < digits.length; i++) {
      digits[i] = counts[i / DIGITS] >>> (BITS * (i % DIGITS)) & MASK;
    }
    float[] summed = Agreement.sum(digits, communicator);
    long[] sums = new long[counts.length];
    for (int i = 0; i < digits.length; i++) {
      sums[i / DIGITS] += (long) summed[i] << (BITS * (i % DIGITS));
    }
    return sums;
  }
}
