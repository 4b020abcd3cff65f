package io.github.sparklorafa.tensor;

import org.bytedeco.pytorch.Tensor;

/**
 * A frozen matrix {@code [rows, columns]} that is held in other numbers than those that it is
 * computed with, and given out by blocks of rows. It owns its memory until it is closed.
 */
public sealed interface StoredMatrix extends AutoCloseable
    permits CastMatrix, Int8Matrix, Nf4Matrix {
  /**
   * Numbers that are worked on at once, so that what is made of them on the way stays in a core's
   * cache; libtorch takes no more than one thread for so few.
   */
  long CHUNK = 1 << 15;

  /** No {@link #rowStep} is larger. */
  long MOST_ROW_STEP = 64;

  /**
   * {@code matrix [rows, columns]} in the numbers of {@code dtype}. Reads a contiguous matrix by
   * pieces, so that a mapped file is never in memory as a whole; one that is of {@code dtype}
   * already is held as it is.
   */
  static StoredMatrix of(BaseDType dtype, Tensor matrix) {
    return switch (dtype) {
      case FP32 -> CastMatrix.of(DType.FP32, matrix);
      case BF16 -> CastMatrix.of(DType.BF16, matrix);
      case INT8 -> Int8Matrix.of(matrix);
      case NF4 -> Nf4Matrix.of(matrix);
    };
  }

  /** How many rows there are. */
  long rows();

  /** Numbers of one row. */
  long columns();

  /** Bytes that are held. */
  long bytes();

  /** Blocks of rows start at multiples of this. */
  long rowStep();

  /**
   * Overwrites {@code block [count, columns]}, fp32 or bf16 and contiguous, with the rows from
   * {@code start} on. A number is computed in fp32 and rounded once.
   */
  void unpack(long start, Tensor block);

  /** The same for one more owner, who closes it too; the last of them gives the memory back. */
  StoredMatrix share();

  @Override
  void close();
}
