package io.github.sparklorafa.tensor;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A matrix in 4-bit NormalFloat with double quantisation (QLoRA, Dettmers et al., 2023, section 3):
 * row after row in blocks of 64, each number the nearest of 16 levels times the block's largest
 * magnitude. Blocks run across rows, as in bitsandbytes, so that rows of any width will do. Of the
 * two codes in a byte the upper bits hold the first.
 *
 * @param codes uint8 {@code [blocks · 32]}; the last block is filled up
 */
record Nf4Matrix(long rows, long columns, Tensor codes, BlockScales scales)
    implements StoredMatrix {
  /** A block of zeros has no scale, and no number divided by this overflows. */
  static final double SMALLEST = 1e-38;

  private static final long BLOCK = 64;
  private static final int BITS = 4;
  private static final int LEVELS = 1 << BITS;

  /** Numbers that are quantised at once. */
  private static final long PIECE = 1 << 18;

  /** QLoRA, appendix E, in bitsandbytes' fp32 digits. */
  private static final float[] NORMAL_FLOAT = {
    -1f,
    -0.6961928f,
    -0.52507305f,
    -0.3949175f,
    -0.28444138f,
    -0.18477343f,
    -0.091050036f,
    0f,
    0.0795803f,
    0.1609302f,
    0.2461123f,
    0.33791524f,
    0.44070983f,
    0.562617f,
    0.72295684f,
    1f
  };

  static long bytes(long numbers) {
    long blocks = blocks(numbers);
    return blocks * BLOCK / 2 + BlockScales.bytes(blocks);
  }

  private static long blocks(long numbers) {
    return (numbers + BLOCK - 1) / BLOCK;
  }

  static Nf4Matrix of(Tensor matrix) {
    try (Scope scope = new Scope()) {
      Tensor flat = matrix.contiguous().view(-1);
      long numbers = flat.numel();
      long blocks = blocks(numbers);
      Tensor codes =
          torch.empty(new long[] {blocks * BLOCK / 2}, new TensorOptions(ScalarType.Byte), null);
      Tensor magnitudes =
          torch.empty(new long[] {blocks}, new TensorOptions(ScalarType.Float), null);
      for (long start = 0; start < numbers; start += PIECE) {
        long count = Math.min(PIECE, numbers - start);
        quantize(
            flat.narrow(0, start, count),
            codes.narrow(0, start / 2, blocks(count) * BLOCK / 2),
            magnitudes.narrow(0, start / BLOCK, blocks(count)));
      }
      codes.retainReference();
      return new Nf4Matrix(matrix.size(0), matrix.size(1), codes, BlockScales.of(magnitudes));
    }
  }

  private static void quantize(Tensor numbers, Tensor codes, Tensor magnitudes) {
    try (Scope scope = new Scope()) {
      Tensor filled =
          torch.zeros(new long[] {2 * codes.numel()}, new TensorOptions(ScalarType.Float));
      filled.narrow(0, 0, numbers.numel()).copy_(numbers);
      Tensor blocks = filled.view(-1, BLOCK);
      Tensor largest = blocks.abs().amax(new long[] {1}, true);
      Tensor unusedMagnitudes = magnitudes.copy_(largest.view(-1));
      Tensor unusedShares = blocks.mul_(largest.clamp_min_(Scalars.of(SMALLEST)).reciprocal_());
      // A number halfway between two levels takes the lower one.
      Tensor pairs = torch.bucketize(filled, Holder.BOUNDS, true, false).view(-1, 2);
      Tensor unusedCodes =
          codes.copy_(pairs.select(1, 0).mul_(new Scalar(LEVELS)).add_(pairs.select(1, 1)));
    }
  }

  @Override
  public long bytes() {
    return codes.nbytes() + scales.bytes();
  }

  @Override
  public long rowStep() {
    return BLOCK / Math.min(BLOCK, Long.lowestOneBit(columns));
  }

  @Override
  public void unpack(long start, Tensor block) {
    long first = start * columns;
    long count = block.numel();
    try (Scope scope = new Scope()) {
      Tensor flat = block.view(-1);
      Tensor factors = scales.unpack(first / BLOCK, blocks(count));
      long chunk = Math.min(CHUNK, blocks(count) * BLOCK);
      Tensor index = torch.empty(new long[] {chunk / 2}, new TensorOptions(ScalarType.Int), null);
      Tensor numbers = torch.empty(new long[] {chunk}, new TensorOptions(ScalarType.Float), null);
      for (long done = 0; done < count; done += CHUNK) {
        long length = Math.min(CHUNK, count - done);
        long blocks = blocks(length);
        unpack(
            codes.narrow(0, (first + done) / 2, blocks * BLOCK / 2),
            factors.narrow(0, done / BLOCK, blocks),
            index.narrow(0, 0, blocks * BLOCK / 2),
            numbers.narrow(0, 0, blocks * BLOCK),
            flat.narrow(0, done, length));
      }
    }
  }

  /** A look-up by the byte gives both of its numbers: twice as fast as one by the code. */
  private static void unpack(
      Tensor codes, Tensor factors, Tensor index, Tensor numbers, Tensor target) {
    try (Scope scope = new Scope()) {
      Tensor pairs = numbers.view(ScalarType.Long);
      torch.index_select_out(pairs, Holder.PAIRS, 0, index.copy_(codes));
      Tensor scaled = numbers.view(-1, BLOCK).mul_(factors).view(-1);
      Tensor unused = target.copy_(scaled.narrow(0, 0, target.numel()));
    }
  }

  @Override
  public StoredMatrix share() {
    codes.retainReference();
    scales.share();
    return this;
  }

  @Override
  public void close() {
    codes.releaseReference();
    scales.close();
  }

  /** The bounds at which the nearest of sorted {@code levels} changes. */
  static float[] middles(float[] levels) {
    float[] middles = new float[levels.length - 1];
    for (int i = 0; i < middles.length; i++) {
      middles[i] = (levels[i] + levels[i + 1]) / 2;
    }
    return middles;
  }

  /** A tensor of {@code numbers} that lives as long as the process. */
  static Tensor constant(float[] numbers) {
    try (Scope scope = new Scope()) {
      return scope.release(Tensor.create(numbers));
    }
  }

  /** Made once, when libtorch is loaded. */
  private static final class Holder {
    static final Tensor BOUNDS = constant(middles(NORMAL_FLOAT));

    /** By a byte, two fp32 numbers that travel as one of 64 bits. */
    static final Tensor PAIRS = pairs();

    private static Tensor pairs() {
      float[] pairs = new float[2 * LEVELS * LEVELS];
      for (int code = 0; code < LEVELS * LEVELS; code++) {
        pairs[2 * code] = NORMAL_FLOAT[code >> BITS];
        pairs[2 * code + 1] = NORMAL_FLOAT[code & (LEVELS - 1)];
      }
      try (Scope scope = new Scope()) {
        return scope.release(Tensor.create(pairs).view(ScalarType.Long));
      }
    }
  }
}
