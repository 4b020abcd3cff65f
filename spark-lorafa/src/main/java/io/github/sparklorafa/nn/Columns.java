package io.github.sparklorafa.nn;

import org.bytedeco.pytorch.Tensor;

/**
 * Matrices that lie side by side in one, {@code [tokens, a + b + …]}, as the output of a projection
 * that stands for several. They are views: nothing is copied.
 */
public final class Columns {
  private Columns() {}

  /** The views {@code [tokens, widths[i]]} of {@code joined}, from left to right. */
  public static Tensor[] split(Tensor joined, long... widths) {
    Tensor[] parts = new Tensor[widths.length];
    long start = 0;
    for (int i = 0; i < widths.length; i++) {
      parts[i] = joined.narrow(1, start, widths[i]);
      start += widths[i];
    }
    return parts;
  }

  /** The matrix {@code [tokens, width]} whose leftmost columns {@code first} is a view of. */
  public static Tensor joined(Tensor first, long width) {
    return first.as_strided(new long[] {first.size(0), width}, new long[] {width, 1});
  }
}
