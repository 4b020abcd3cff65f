package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.tensor.StoredMatrix;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A frozen weight that is held in few bits. Both passes unpack a block of its rows into a buffer
 * that they reuse and multiply that, so that no copy of full width outlives its product. The
 * gradient of the input is exactly that of the unpacked weight.
 */
public final class PackedWeight implements Weight, AutoCloseable {
  /**
   * Bytes of a block, at most: large enough that products of blocks are as fast as one of all, and
   * that a gradient in bf16 is rounded a few times only while its blocks add up.
   */
  private static final long BLOCK_BYTES = 16 << 20;

  private final String name;
  private final StoredMatrix rows;
  private final long mostBytes;

  /**
   * @param name as in the checkpoint
   * @param rows {@code [out, in]}, owned by this weight from now on
   */
  public PackedWeight(String name, StoredMatrix rows) {
    this(name, rows, BLOCK_BYTES);
  }

  PackedWeight(String name, StoredMatrix rows, long mostBytes) {
    this.name = name;
    this.rows = rows;
    this.mostBytes = mostBytes;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long outFeatures() {
    return rows.rows();
  }

  @Override
  public long inFeatures() {
    return rows.columns();
  }

  @Override
  public long bytes() {
    return rows.bytes();
  }

  /** Bytes of the largest block that a weight of that shape is unpacked by. */
  public static long blockBytes(long out, long in, long elementBytes) {
    long rows = Math.max(StoredMatrix.MOST_ROW_STEP, BLOCK_BYTES / (in * elementBytes));
    return Math.min(out, rows) * in * elementBytes;
  }

  private long blockRows(ScalarType type) {
    long step = rows.rowStep();
    long fitting = mostBytes / (inFeatures() * torch.elementSize(type));
    return Math.min(outFeatures(), Math.max(step, fitting / step * step));
  }

  @Override
  public boolean trainable() {
    return false;
  }

  /** Nothing, since this is never trained. */
  @Override
  public void addUser() {}

  @Override
  public void addGradient(Tensor part) {
    throw new IllegalStateException(
        "Cannot add a gradient: %s is held in few bits (hold what is trained in the run's numbers)"
            .formatted(name));
  }

  @Override
  public Tensor product(Tensor x) {
    try (Scope scope = new Scope()) {
      ScalarType type = x.scalar_type();
      Tensor y = Buffers.empty(type, x.size(0), outFeatures());
      overBlocks(
          type, (start, block) -> torch.mm_out(y.narrow(1, start, block.size(0)), x, block.t()));
      return scope.keep(y);
    }
  }

  @Override
  public Tensor addInputGradient(Tensor dy, Tensor dx) {
    try (Scope scope = new Scope()) {
      ScalarType type = dy.scalar_type();
      Tensor sum = dx == null ? Buffers.empty(type, dy.size(0), inFeatures()) : dx;
      overBlocks(
          type,
          (start, block) -> {
            Tensor columns = dy.narrow(1, start, block.size(0));
            Tensor unused =
                dx == null && start == 0
                    ? torch.mm_out(sum, columns, block)
                    : sum.addmm_(columns, block);
          });
      return dx == null ? scope.keep(sum) : dx;
    }
  }

  /** The first {@code count} numbers of the first row, which tell one weight from another. */
  public Tensor sample(long count) {
    try (Scope scope = new Scope()) {
      Tensor first = Buffers.empty(ScalarType.Float, 1, inFeatures());
      rows.unpack(0, first);
      return scope.keep(first.view(-1).narrow(0, 0, Math.min(count, inFeatures())));
    }
  }

  /** All of it in {@code type}, owned by the caller's scope. */
  Tensor unpacked(ScalarType type) {
    try (Scope scope = new Scope()) {
      Tensor all = Buffers.empty(type, outFeatures(), inFeatures());
      rows.unpack(0, all);
      return scope.keep(all);
    }
  }

  /** What is done with the rows from {@code start} on, which are {@code block}. */
  @FunctionalInterface
  private interface Body {
    void accept(long start, Tensor block);
  }

  private void overBlocks(ScalarType type, Body body) {
    long most = blockRows(type);
    Tensor buffer = Buffers.empty(type, most, inFeatures());
    for (long start = 0; start < outFeatures(); start += most) {
      try (Scope scope = new Scope()) {
        Tensor block = buffer.narrow(0, 0, Math.min(most, outFeatures() - start));
        rows.unpack(start, block);
        body.accept(start, block);
      }
    }
  }

  @Override
  public void close() {
    rows.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
