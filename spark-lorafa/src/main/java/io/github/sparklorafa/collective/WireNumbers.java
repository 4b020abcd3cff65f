package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What happens to numbers on their way: rounding to a {@link WireDType}, and adding.
 *
 * <p>All in blocks that stay in a core's cache, and that libtorch doesn't divide among threads: the
 * other cores belong to the forward and backward pass.
 */
final class WireNumbers {
  private static final long BLOCK = 1 << 15;

  private WireNumbers() {}

  /** What to do with {@code count} numbers from number {@code offset} on. */
  private interface Block {
    void run(long offset, long count);
  }

  /** Adds as many numbers, in {@code wire}'s form at {@code address}, to {@code sum}. */
  static void add(NativeFloats sum, long address, WireDType wire) {
    NativeFloats wide = new NativeFloats(address, sum.count());
    inBlocks(
        sum.count(),
        (offset, count) ->
            block(sum, offset, count)
                .add_(
                    wire == WireDType.BF16
                        ? narrow(address, offset, count)
                        : block(wide, offset, count)));
  }

  /** Rounds {@code floats} to bfloat16 at {@code address}: to nearest, ties to even. */
  static void narrow(NativeFloats floats, long address) {
    inBlocks(
        floats.count(),
        (offset, count) -> narrow(address, offset, count).copy_(block(floats, offset, count)));
  }

  /** The inverse of {@link #narrow}, which loses nothing. */
  static void widen(long address, NativeFloats floats) {
    inBlocks(
        floats.count(),
        (offset, count) -> block(floats, offset, count).copy_(narrow(address, offset, count)));
  }

  /** Rounds as {@code wire} does, in place. */
  static void round(NativeFloats floats, WireDType wire) {
    if (wire == WireDType.BF16) {
      inBlocks(
          floats.count(),
          (offset, count) -> {
            Tensor numbers = block(floats, offset, count);
            numbers.copy_(numbers.to(ScalarType.BFloat16));
          });
    }
  }

  private static Tensor block(NativeFloats floats, long offset, long count) {
    return NativeMemory.tensor(NativeMemory.slice(floats, offset, count));
  }

  private static Tensor narrow(long address, long offset, long count) {
    return NativeMemory.bfloat16(address + offset * WireDType.BF16.bytes(), count);
  }

  private static void inBlocks(long total, Block block) {
    for (long offset = 0; offset < total; offset += BLOCK) {
      try (Scope scope = new Scope()) {
        block.run(offset, Math.min(BLOCK, total - offset));
      }
    }
  }
}
