package io.github.sparklorafa.data;

import static io.github.sparklorafa.data.Mix64.GOLDEN;
import static io.github.sparklorafa.data.Mix64.mix;

/**
 * A pseudo-random permutation of {@code 0 … rows − 1} that computes each entry by itself, in
 * constant time and memory: the swap-or-not shuffle (Hoang, Morris, Rogaway 2012).
 *
 * <p>In each round a pivot {@code p} pairs every index {@code x} with {@code (p − x) mod rows}, and
 * a bit that depends on the pair alone decides whether the two change places. See {@link
 * BatchOrder} for the exact bits.
 */
final class RowPermutation {

  static final int ROUNDS = 96;

  private final long rows;
  private final long[] pivots = new long[ROUNDS];
  private final long[] salts = new long[ROUNDS];

  RowPermutation(long rows, long seed, long epoch) {
    this.rows = rows;
    long key = mix(mix(seed + GOLDEN) + (epoch + 1) * GOLDEN);
    for (int round = 0; round < ROUNDS; round++) {
      pivots[round] = Long.remainderUnsigned(mix(key + (2L * round + 1) * GOLDEN), rows);
      salts[round] = mix(key + (2L * round + 2) * GOLDEN);
    }
  }

  long at(long index) {
    long x = index;
    for (int round = 0; round < ROUNDS; round++) {
      long partner = pivots[round] - x;
      partner = partner < 0 ? partner + rows : partner;
      x = mix(salts[round] ^ Math.max(x, partner)) < 0 ? partner : x;
    }
    return x;
  }
}
