package io.github.sparklorafa.data;

/**
 * Checksum of a sequence of examples that depends on their contents and order, and not on how they
 * are cut into shards.
 *
 * <p>Each example has a 64-bit hash {@code h} of its length, ids, labels and second text; a
 * sequence {@code h₀ … hₙ₋₁} has the value {@code Σ hᵢ · Bⁿ⁻¹⁻ⁱ} modulo the prime 2⁶¹ − 1, so that
 * the checksum of two sequences one after the other follows from their two checksums ({@link
 * #then}). It finds accidents, not forgeries.
 *
 * @param rows number of examples
 * @param value the sum, at least 0 and under 2⁶¹ − 1
 */
public record RowsChecksum(long rows, long value) {

  /** The checksum of no examples. */
  public static final RowsChecksum EMPTY = new RowsChecksum(0, 0);

  private static final long PRIME = (1L << 61) - 1;
  private static final long BASE = 0x1A1B2C3D4E5F6071L % PRIME;

  /** The checksum of these examples followed by one more. */
  public RowsChecksum then(Example example) {
    return new RowsChecksum(rows + 1, plus(times(value, BASE), reduced(hash(example))));
  }

  /** The checksum of these examples followed by those of another checksum. */
  public RowsChecksum then(RowsChecksum next) {
    return new RowsChecksum(
        rows + next.rows, plus(times(value, power(BASE, next.rows)), next.value));
  }

  /** Sixteen hexadecimal digits of the value. */
  public String text() {
    return "%016x".formatted(value);
  }

  private static long hash(Example example) {
    long hash = tokens(example);
    return example.isPair() ? Mix64.mix(hash ^ (example.second() + Mix64.GOLDEN)) : hash;
  }

  private static long tokens(Example example) {
    int[] ids = example.ids();
    int[] labels = example.labels();
    long hash = Mix64.mix(ids.length + Mix64.GOLDEN);
    if (example.kind().onePerId()) {
      for (int i = 0; i < ids.length; i++) {
        hash = Mix64.mix(hash ^ (((long) labels[i] << 32) | (ids[i] & 0xFFFFFFFFL)));
      }
      return example.kind() == LabelKind.NEXT_TOKENS ? hash : Mix64.mix(hash + 1);
    }
    for (int id : ids) {
      hash = Mix64.mix(hash ^ id);
    }
    for (int label : labels) {
      hash = Mix64.mix(hash ^ label);
    }
    return Mix64.mix(hash + 1 + example.kind().ordinal());
  }

  private static long reduced(long value) {
    return Long.remainderUnsigned(value, PRIME);
  }

  private static long plus(long a, long b) {
    long sum = a + b;
    return sum >= PRIME ? sum - PRIME : sum;
  }

  private static long times(long a, long b) {
    long high = Math.multiplyHigh(a, b);
    long low = a * b;
    return plus(low & PRIME, (low >>> 61) | (high << 3));
  }

  private static long power(long base, long exponent) {
    long result = 1;
    long square = base;
    for (long left = exponent; left > 0; left >>>= 1) {
      result = (left & 1) == 1 ? times(result, square) : result;
      square = times(square, square);
    }
    return result;
  }
}
