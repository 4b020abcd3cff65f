package io.github.sparklorafa.tensor;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A matrix as {@code w = scale · code}: symmetric, with the row's largest magnitude at 127, as
 * LLM.int8() (Dettmers et al., 2022) quantises weights without outliers.
 *
 * @param codes int8 {@code [rows, columns]}
 * @param scales fp32 {@code [rows, 1]}
 */
record Int8Matrix(Tensor codes, Tensor scales) implements StoredMatrix {
  private static final double LARGEST = 127;

  /** A row of zeros has no scale, and no number divided by this overflows. */
  private static final double SMALLEST = 1e-36;

  private static final long PIECE = 1 << 18;

  static long bytes(long rows, long columns) {
    return rows * columns + rows * Float.BYTES;
  }

  static Int8Matrix of(Tensor matrix) {
    long rows = matrix.size(0);
    long columns = matrix.size(1);
    try (Scope scope = new Scope()) {
      Tensor codes =
          torch.empty(new long[] {rows, columns}, new TensorOptions(ScalarType.Char), null);
      Tensor scales = torch.empty(new long[] {rows, 1}, new TensorOptions(ScalarType.Float), null);
      long piece = Math.max(1, PIECE / Math.max(1, columns));
      for (long start = 0; start < rows; start += piece) {
        long count = Math.min(piece, rows - start);
        quantize(
            matrix.narrow(0, start, count),
            codes.narrow(0, start, count),
            scales.narrow(0, start, count));
      }
      codes.retainReference();
      scales.retainReference();
      return new Int8Matrix(codes, scales);
    }
  }

  private static void quantize(Tensor matrix, Tensor codes, Tensor scales) {
    try (Scope scope = new Scope()) {
      Tensor numbers = matrix.to(ScalarType.Float);
      Tensor largest = numbers.abs().amax(new long[] {1}, true);
      Tensor factor =
          largest.clamp_min(Scalars.of(SMALLEST)).reciprocal().mul_(Scalars.of(LARGEST));
      Tensor unusedCodes = codes.copy_(numbers.mul(factor).round_());
      Tensor unusedScales = scales.copy_(largest.mul_(Scalars.of(1 / LARGEST)));
    }
  }

  @Override
  public long rows() {
    return codes.size(0);
  }

  @Override
  public long columns() {
    return codes.size(1);
  }

  @Override
  public long bytes() {
    return codes.nbytes() + scales.nbytes();
  }

  @Override
  public long rowStep() {
    return 1;
  }

  @Override
  public void unpack(long start, Tensor block) {
    long count = block.size(0);
    long chunk = Math.max(1, CHUNK / Math.max(1, columns()));
    try (Scope scope = new Scope()) {
      Tensor numbers =
          torch.empty(
              new long[] {Math.min(chunk, count), columns()},
              new TensorOptions(ScalarType.Float),
              null);
      for (long done = 0; done < count; done += chunk) {
        long rows = Math.min(chunk, count - done);
        unpack(start + done, block.narrow(0, done, rows), numbers.narrow(0, 0, rows));
      }
    }
  }

  private void unpack(long start, Tensor block, Tensor numbers) {
    try (Scope scope = new Scope()) {
      boolean wide = block.scalar_type().intern() == ScalarType.Float;
      Tensor target = wide ? block : numbers;
      Tensor scaled =
          target
              .copy_(codes.narrow(0, start, block.size(0)))
              .mul_(scales.narrow(0, start, block.size(0)));
      if (!wide) {
        Tensor unused = block.copy_(scaled);
      }
    }
  }

  @Override
  public StoredMatrix share() {
    codes.retainReference();
    scales.retainReference();
    return this;
  }

  @Override
  public void close() {
    codes.releaseReference();
    scales.releaseReference();
  }
}
