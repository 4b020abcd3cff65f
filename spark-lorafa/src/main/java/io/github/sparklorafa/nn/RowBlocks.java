package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Cuts rows into blocks whose intermediates stay in a core's cache instead of making passes over
 * memory.
 */
final class RowBlocks {
  /** Where each block allocates its fp32 intermediates. */
  private static final long NUMBERS = 1 << 16;

  /** Where all blocks share theirs: larger ones, since each operator has a price of its own. */
  private static final long NUMBERS_OF_ROOM = 3 << 16;

  private RowBlocks() {}

  /** What is done with rows {@code start} to {@code start + rows}. */
  @FunctionalInterface
  interface Body {
    void accept(long start, long rows);
  }

  /** The same with intermediates {@code [rows, features]} that the block may overwrite. */
  @FunctionalInterface
  interface BodyWithRoom {
    void accept(long start, long rows, Tensor[] room);
  }

  /** Runs {@code body} over the rows of {@code x [rows, features]}. */
  static void over(Tensor x, Body body) {
    over(x.size(0), rows(x, NUMBERS), body);
  }

  /**
   * Runs {@code body} over the rows of {@code x [rows, features]}, with {@code count} intermediates
   * of that type, which are allocated once.
   */
  static void over(Tensor x, ScalarType type, int count, BodyWithRoom body) {
    try (Scope scope = new Scope()) {
      long most = Math.min(x.size(0), rows(x, NUMBERS_OF_ROOM));
      Tensor room = Buffers.empty(type, count, most, x.size(1));
      over(
          x.size(0),
          most,
          (start, rows) -> {
            try (Scope block = new Scope()) {
              Tensor[] parts = new Tensor[count];
              for (int i = 0; i < count; i++) {
                parts[i] = room.select(0, i).narrow(0, 0, rows);
              }
              body.accept(start, rows, parts);
            }
          });
    }
  }

  private static void over(long rows, long block, Body body) {
    for (long start = 0; start < rows; start += block) {
      body.accept(start, Math.min(block, rows - start));
    }
  }

  private static long rows(Tensor x, long numbers) {
    return Math.max(1, numbers / Math.max(1, x.size(1)));
  }
}
