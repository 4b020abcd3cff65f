package io.github.sparklorafa.bigdl;

import io.github.sparklorafa.collective.CollectiveException;
import io.github.sparklorafa.spark.transport.BlockSum;
import io.github.sparklorafa.spark.transport.Blocks;
import io.github.sparklorafa.tensor.NativeFloats;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * Sums by BigDL's all-reduce: one {@link AllReduce} for each length that occurs, of which a run has
 * few. Its blocks stay from sum to sum and are written over, as BigDL does it.
 */
final class BigDlSum implements BlockSum {
  private final Blocks blocks;
  private final Map<Shape, AllReduce> reductions = new LinkedHashMap<>();

  /** What an all-reduce is made for. */
  private record Shape(long count, Numbers numbers) {}

  private BigDlSum(Blocks blocks) {
    this.blocks = blocks;
  }

  /** Found by {@link java.util.ServiceLoader}. */
  public static final class Provider implements BlockSum.Provider {
    @Override
    public String name() {
      return "bigdl";
    }

    @Override
    public BlockSum open(Blocks blocks) {
      CheckedPool.install();
      return new BigDlSum(blocks);
    }
  }

  @Override
  public void sum(NativeFloats buffer, Numbers numbers) {
    Shape shape = new Shape(buffer.count(), numbers);
    AllReduce reduction = reductions.get(shape);
    if (reduction == null) {
      // All workers meet the same lengths in the same order.
      String prefix = reductions.size() + "-";
      reduction = new AllReduce(blocks, prefix, Math.toIntExact(buffer.count()), numbers);
      reductions.put(shape, reduction);
    }
    try {
      reduction.sum(buffer);
    } catch (Exception e) { // BigDL is Scala, which declares none
      throw failure(e);
    }
  }

  private static RuntimeException failure(Exception e) {
    Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
    if (cause instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      return new CollectiveException(
          "Cannot sum over workers: the thread was interrupted (see why the job or its stage ended)",
          e);
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  @Override
  public void close() {
    reductions.values().forEach(AllReduce::close);
    reductions.clear();
  }
}
