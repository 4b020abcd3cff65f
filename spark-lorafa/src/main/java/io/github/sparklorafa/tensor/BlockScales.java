package io.github.sparklorafa.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The largest magnitudes of blocks, quantised themselves (QLoRA's double quantisation): less their
 * mean, in groups of 256 by the group's largest magnitude, to the 8 bits of the dynamic map
 * (Dettmers, 2016) that bitsandbytes' {@code create_dynamic_map()} makes.
 *
 * @param codes uint8 {@code [blocks]}
 * @param largest fp32 {@code [groups, 1]}
 * @param mean of all
 */
record BlockScales(Tensor codes, Tensor largest, float mean) implements AutoCloseable {
  /** Blocks that share a largest magnitude. */
  static final long GROUP = 256;

  private static final int CODES = 256;
  private static final int EXPONENTS = 7;
  private static final double LOWEST = 0.1;

  static long bytes(long blocks) {
    return blocks + ceil(blocks) * Float.BYTES + Float.BYTES;
  }

  /** Of {@code magnitudes [blocks]}, fp32. */
  static BlockScales of(Tensor magnitudes) {
    try (Scope scope = new Scope()) {
      long blocks = magnitudes.numel();
      Tensor mean = magnitudes.mean();
      Tensor centred =
          torch.zeros(new long[] {ceil(blocks), GROUP}, new TensorOptions(ScalarType.Float));
      centred.view(-1).narrow(0, 0, blocks).copy_(magnitudes.sub(mean));
      Tensor largest = centred.abs().amax(new long[] {1}, true);
      Tensor shares = centred.mul_(largest.clamp_min(Scalars.of(Nf4Matrix.SMALLEST)).reciprocal_());
      Tensor codes =
          torch
              .bucketize(shares.view(-1).narrow(0, 0, blocks), Holder.BOUNDS, true, false)
              .to(ScalarType.Byte);
      codes.retainReference();
      largest.retainReference();
      return new BlockScales(codes, largest, mean.item_float());
    }
  }

  private static long ceil(long blocks) {
    return (blocks + GROUP - 1) / GROUP;
  }

  long bytes() {
    return codes.nbytes() + largest.nbytes() + Float.BYTES;
  }

  /** Those of the blocks from {@code start} on, fp32 {@code [count, 1]}, of the caller's scope. */
  Tensor unpack(long start, long count) {
    try (Scope scope = new Scope()) {
      long group = start / GROUP;
      long groups = ceil(start + count) - group;
      Tensor factors =
          largest
              .narrow(0, group, groups)
              .expand(groups, GROUP)
              .reshape(groups * GROUP)
              .narrow(0, start - group * GROUP, count);
      Tensor index = codes.narrow(0, start, count).to(ScalarType.Int);
      return scope.keep(
          Holder.MAP.index_select(0, index).mul_(factors).add_(Scalars.of(mean)).view(count, 1));
    }
  }

  /**
   * 0, 1 and, for each of seven powers of ten up to 1, the middles of 1, 2, 4, … 64 equal parts of
   * what lies between a tenth of it and all of it, of both signs; rounded as bitsandbytes does.
   */
  static float[] dynamicMap() {
    float[] map = new float[CODES];
    map[0] = 0;
    map[1] = 1;
    int filled = 2;
    for (int exponent = 0; exponent < EXPONENTS; exponent++) {
      int parts = 1 << exponent;
      float power = (float) Math.pow(10, exponent - (EXPONENTS - 1));
      float[] bounds = bounds(parts);
      for (int part = 0; part < parts; part++) {
        float middle = power * ((bounds[part] + bounds[part + 1]) / 2);
        map[filled++] = middle;
        map[filled++] = -middle;
      }
    }
    Arrays.sort(map);
    return map;
  }

  private static float[] bounds(int parts) {
    try (Scope scope = new Scope()) {
      float[] bounds = new float[parts + 1];
      torch.linspace(Scalars.of(LOWEST), Scalars.of(1), bounds.length).data_ptr_float().get(bounds);
      return bounds;
    }
  }

  /** One more owner, who closes them too. */
  void share() {
    codes.retainReference();
    largest.retainReference();
  }

  @Override
  public void close() {
    codes.releaseReference();
    largest.releaseReference();
  }

  /** Made once, when libtorch is loaded. */
  private static final class Holder {
    static final Tensor MAP = Nf4Matrix.constant(dynamicMap());
    static final Tensor BOUNDS = Nf4Matrix.constant(Nf4Matrix.middles(dynamicMap()));
  }
}
