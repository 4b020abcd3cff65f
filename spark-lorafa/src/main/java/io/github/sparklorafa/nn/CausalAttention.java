package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Grouped-query causal attention {@code softmax(q kᵀ/√d) v} over ragged sequences, in the blocks of
 * {@link BlockedAttention}; what lies above the diagonal or before the window is never computed
 * beyond its block.
 *
 * <p>With a window {@code w} a token attends to itself and the {@code w − 1} tokens before it
 * (Mistral, Jiang et al., 2023).
 */
public final class CausalAttention {
  /** A window that no sequence fills. */
  public static final int NO_WINDOW = Integer.MAX_VALUE;

  /**
   * Queries of a sequence up to which a block has half as many rows: then fewer of the numbers in
   * the diagonal's blocks are computed for nothing, in products that are a tenth slower.
   */
  private static final long HALVED_TO = 512;

  private final BlockedAttention attention;
  private final int window;

  /** With {@code heads} query heads that share {@code keyValueHeads} key and value heads. */
  public CausalAttention(int heads, int keyValueHeads, int headDim) {
    this(heads, keyValueHeads, headDim, NO_WINDOW);
  }

  /** The same where a token sees {@code window} tokens, itself included, or {@link #NO_WINDOW}. */
  public CausalAttention(int heads, int keyValueHeads, int headDim, int window) {
    this.attention = new BlockedAttention(heads, keyValueHeads, headDim, 1 / Math.sqrt(headDim));
    this.window = window;
  }

  /** See {@link Projection#plan}, for three inputs. */
  public GradientFlow plan(GradientFlow query, GradientFlow key, GradientFlow value) {
    return attention.plan(query, key, value, GradientFlow.STOPS);
  }

  /**
   * {@code q [tokens, heads · headDim]}, {@code k, v [tokens, keyValueHeads · headDim]}, which may
   * be columns of one matrix, to the shape of q.
   */
  public Tensor forward(Tensor q, Tensor k, Tensor v, Sequences sequences, Tape tape) {
    try (Scope scope = new Scope()) {
      Reach reach = new Reach(sequences.longest(), q);
      return scope.keep(attention.forward(q, k, v, sequences, sequences, reach, tape));
    }
  }

  /**
   * New rows {@code q, k, v} of sequences whose earlier keys and values are in {@code caches}, one
   * for each; keeps nothing for a backward pass.
   */
  public Tensor forward(
      Tensor q, Tensor k, Tensor v, Sequences sequences, List<KeyValueCache> caches, int layer) {
    try (Scope scope = new Scope()) {
      Reach reach = new Reach(sequences.longest(), q);
      return scope.keep(attention.forward(q, k, v, sequences, caches, layer, reach));
    }
  }

  /** {@code dy} of the shape of q; the gradients are owned by the caller's scope. */
  public AttentionGradients backward(Tensor dy, Sequences sequences, Tape tape) {
    AttentionGradients gradients = room(dy);
    backward(dy, sequences, tape, gradients);
    return gradients;
  }

  /** Tensors of the caller's scope for the gradients that are owed, their numbers undefined. */
  public AttentionGradients room(Tensor dy) {
    return attention.room(dy, dy.size(0));
  }

  /** The same, written to {@code gradients}, which may be columns of one matrix. */
  public void backward(Tensor dy, Sequences sequences, Tape tape, AttentionGradients gradients) {
    try (Scope scope = new Scope()) {
      Reach reach = new Reach(sequences.longest(), dy);
      attention.backward(dy, sequences, sequences, reach, tape, gradients);
    }
  }

  /** Queries that are worked on at once, of a sequence of so many. */
  public static long rowsOf(long queries) {
    long most = queries > HALVED_TO ? BlockedAttention.BLOCK : BlockedAttention.BLOCK / 2;
    return Math.min(most, queries);
  }

  /**
   * Each query sees the keys up to its own, within the window. The queries are the last positions
   * of the keys: all of them in training, the new ones with a key-value cache.
   */
  private final class Reach implements BlockedAttention.Reach {
    private final Tensor mask;

    /** For sequences of at most {@code longest} queries. */
    Reach(long longest, Tensor like) {
      mask = diagonalMask(Math.min(BlockedAttention.BLOCK, longest), like);
    }

    @Override
    public long rows(long queries) {
      return rowsOf(queries);
    }

    @Override
    public BlockedAttention.Block block(long start, long queries, long keys) {
      BlockedAttention.Block all = BlockedAttention.Block.of(start, rows(queries), queries, keys);
      long first = all.position();
      return new BlockedAttention.Block(
          start, all.rows(), first, Math.max(0, first - window + 1), first + all.rows());
    }

    @Override
    public long most(long rows, long keys) {
      return Math.min(keys, rows + window - 1L);
    }

    @Override
    public void add(Tensor scores, BlockedAttention.Block block) {
      long rows = block.rows();
      // The last keys of a block are those of its own queries.
      scores.narrow(2, block.keys() - rows, rows).add_(mask.narrow(0, 0, rows).narrow(1, 0, rows));
      // The first queries may see all keys of the block; each later one loses one key more.
      long whole = window - 1L - (block.keys() - rows);
      if (whole < rows) {
        long losing = rows - whole;
        scores
            .narrow(1, whole, losing)
            .narrow(2, 0, losing)
            .add_(mask.narrow(0, 0, losing).narrow(1, 0, losing).t());
      }
    }
  }

  /** {@code [rows, rows]}: 0 on and below the diagonal, −∞ above. */
  private static Tensor diagonalMask(long rows, Tensor like) {
    try (Scope scope = new Scope()) {
      TensorOptions options = like.options();
      return scope.keep(
          torch
              .full(new long[] {rows, rows}, Scalars.of(Double.NEGATIVE_INFINITY), options)
              .triu_(1));
    }
  }
}
