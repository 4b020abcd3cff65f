package io.github.sparklorafa.nn;

import org.bytedeco.pytorch.Tensor;

/**
 * Cuts rows into blocks whose fp32 intermediates stay in a core's cache instead of making passes
 * over memory.
 */
final class RowBlocks {
  private static final long NUMBERS = 1 << 16;

  private RowBlocks() {}

  /** What is done with rows {@code start} to {@code start + rows}. */
  @FunctionalInterface
  interface Body {
    void accept(long start, long rows);
  }

  /** Runs {@code body} over the rows of {@code x [rows, features]}. */
  static void over(Tensor x, Body body) {
    long rows = x.size(0);
    long block = Math.max(1, NUMBERS / Math.max(1, x.size(1)));
    for (long start = 0; start < rows; start += block) {
      body.accept(start, Math.min(block, rows - start));
    }
  }
}
