package io.github.sparklorafa.nn;

import java.util.Arrays;

/**
 * Where each sequence of a ragged micro-batch begins: sequence {@code i} is tokens {@code
 * offsets[i]} to {@code offsets[i+1]}.
 */
public final class Sequences {
  private final int[] offsets;

  /**
   * @param offsets {@code [sequences + 1]}, from 0, rising
   * @throws IllegalArgumentException if they are not
   */
  public Sequences(int... offsets) {
    boolean rising = offsets.length > 0 && offsets[0] == 0;
    for (int i = 1; i < offsets.length; i++) {
      rising &= offsets[i] > offsets[i - 1];
    }
    if (!rising) {
      throw new IllegalArgumentException(
          "Cannot lay out sequences: offsets "
              + Arrays.toString(offsets)
              + " (they start at 0 and rise)");
    }
    this.offsets = offsets.clone();
  }

  /** Number of sequences. */
  public int count() {
    return offsets.length - 1;
  }

  /** Tokens of all sequences. */
  public int tokens() {
    return offsets[offsets.length - 1];
  }

  /** Tokens of the longest sequence. */
  public int longest() {
    int longest = 0;
    for (int i = 0; i < count(); i++) {
      longest = Math.max(longest, length(i));
    }
    return longest;
  }

  /** First token of sequence {@code i}. */
  public int start(int i) {
    return offsets[i];
  }

  /** Tokens of sequence {@code i}. */
  public int length(int i) {
    return offsets[i + 1] - offsets[i];
  }

  /** Position of each token in its own sequence, {@code [tokens]}. */
  public long[] positions() {
    long[] positions = new long[tokens()];
    for (int i = 0; i < count(); i++) {
      for (int j = 0; j < length(i); j++) {
        positions[start(i) + j] = j;
      }
    }
    return positions;
  }

  /** The last token of each sequence, {@code [sequences]}. */
  public long[] lastTokens() {
    return Arrays.stream(offsets, 1, offsets.length).mapToLong(end -> end - 1L).toArray();
  }
}
