package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * T5's bias of attention scores (Raffel et al., 2020): {@code bias[h, i, j] = table[bucket(j − i),
 * h]}, {@code table [buckets, heads]}. Half of the buckets stand for one distance each, the others
 * for distances that grow by the same factor, up to a greatest one.
 *
 * <p>All layers of a pass share one {@link Pass}. It is not kept for the backward pass but made
 * again, since the positions say all; of a trained table there is a gradient for each distance
 * meanwhile, in fp32.
 *
 * @see <a href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/t5/">
 *     T5Attention._relative_position_bucket</a>
 */
public final class RelativePositionBias {
  private static final double UNSEEN = Double.NEGATIVE_INFINITY;

  private final Parameter table;
  private final Direction direction;
  private final int maxDistance;

  /**
   * @param table {@code [buckets, heads]}
   * @param maxDistance from which on all distances share a bucket
   */
  public RelativePositionBias(Parameter table, Direction direction, int maxDistance) {
    this.table = table;
    this.direction = direction;
    this.maxDistance = maxDistance;
    table.addUser();
  }

  /** Where the keys lie that a query sees. */
  public enum Direction {
    /** On both sides of it, each with half of the buckets. */
    BOTH,
    /** At or before it; the bias of those behind it is −∞. */
    BACKWARD
  }

  /** Whether the bias has a gradient. */
  public GradientFlow plan() {
    return GradientFlow.STOPS.orTrained(table);
  }

  /**
   * The bias of sequences of at most {@code queries} new tokens and {@code keys} tokens in all; the
   * caller's scope owns its tensors.
   */
  public Pass pass(long queries, long keys) {
    return new Pass(Math.min(BlockedAttention.BLOCK, queries), keys);
  }

  /**
   * What the layers of one pass add to their scores: {@code bias [heads, rows, columns]} of a block
   * of rows whose first query may be at any position. A query one position further on sees the same
   * numbers one column to the left. Where a query sees no later ones, there are half as many
   * columns.
   */
  public final class Pass implements MultiHeadAttention.Bias {
    private final long rows;
    private final long keys;
    private final Tensor bias;

    /** {@code [heads, distances]}, or null. */
    private final Tensor gradient;

    private Pass(long rows, long keys) {
      this.rows = rows;
      this.keys = keys;
      try (Scope scope = new Scope()) {
        Tensor ofDistance = table.value().index_select(0, buckets()).t().contiguous();
        if (direction == Direction.BACKWARD) {
          ofDistance.narrow(1, rows + keys - 1, ahead()).fill_(Scalars.of(UNSEEN));
        }
        bias = scope.keep(blocks(ofDistance));
        gradient =
            table.trainable()
                ? scope.keep(torch.zeros_like(ofDistance.to(ScalarType.Float)))
                : null;
      }
    }

    /** Keys behind a query's own that are in its row: of those behind it only its block's. */
    private long ahead() {
      return (direction == Direction.BACKWARD ? rows : keys) - 1;
    }

    /** Of all distances: from the last row at the last position to the first key, and on. */
    private Tensor buckets() {
      return Tensor.create(
          LongStream.rangeClosed(-(keys + rows - 2), ahead())
              .map(d -> bucket(d, direction, table.value().size(0), maxDistance))
              .toArray());
    }

    /**
     * {@code ofDistance [heads, distances]}, of {@link #buckets}, as {@code [heads, rows,
     * columns]}: a row begins one number before the one above it, so they are laid out from the
     * last one on.
     */
    private Tensor blocks(Tensor ofDistance) {
      long columns = ofDistance.size(1) - rows + 1;
      return ofDistance
          .as_strided(
              new long[] {ofDistance.size(0), rows, columns}, new long[] {ofDistance.size(1), 1, 1})
          .flip(1);
    }

    @Override
    public void add(Tensor scores, long position) {
      scores.add_(block(bias, scores, position));
    }

    @Override
    public long seen(long position, long keys) {
      return direction == Direction.BACKWARD ? position + 1 : keys;
    }

    /** Row by row: the rows of a block see other distances. */
    @Override
    public void addGradient(Tensor dScores, long position) {
      for (long i = 0; gradient != null && i < dScores.size(1); i++) {
        try (Scope scope = new Scope()) {
          long first = rows - 1 - i + keys - 1 - position;
          gradient.narrow(1, first, dScores.size(2)).add_(dScores.select(1, i));
        }
      }
    }

    private Tensor block(Tensor all, Tensor scores, long position) {
      return all.narrow(1, 0, scores.size(1)).narrow(2, keys - 1 - position, scores.size(2));
    }

    /** Adds the gradients of all layers to that of a trained table. */
    public void backward() {
      if (gradient == null) {
        return;
      }
      try (Scope scope = new Scope()) {
        table.gradient().index_add_(0, buckets(), gradient.t().contiguous());
        table.userDone();
      }
    }
  }

  /** In fp32, as transformers has it: at the edge of a bucket the last bit decides. */
  static long bucket(long distance, Direction direction, long buckets, int maxDistance) {
    boolean both = direction == Direction.BOTH;
    long count = both ? buckets / 2 : buckets;
    long first = both && distance > 0 ? count : 0;
    long away = both ? Math.abs(distance) : Math.max(0, -distance);
    long exact = count / 2;
    if (away < exact) {
      return first + away;
    }
    float growth = (float) Math.log((float) away / exact);
    float part = growth / (float) Math.log((double) maxDistance / exact) * (count - exact);
    return first + Math.min(count - 1, exact + (long) part);
  }
}
