package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Operators;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Grouped-query causal attention {@code softmax(q kᵀ/√d) v} over ragged sequences, in blocks of
 * query rows; what lies above the diagonal or before the window is never computed beyond its block.
 * Keeps q, k and v only (v only if q or k has a gradient), and computes each block's probabilities
 * {@code P} again in the backward pass:
 *
 * <p>{@code dv = Pᵀ do}, {@code dS = P ∘ (dP − Σ dP∘P)} with {@code dP = do vᵀ}, {@code dq = dS
 * k/√d}, {@code dk = dSᵀ q/√d}. The query heads of a group are rows of one product with their key
 * head, which also sums dk and dv over the group.
 *
 * <p>With a window {@code w} a token attends to itself and the {@code w − 1} tokens before it
 * (Mistral, Jiang et al., 2023).
 */
public final class CausalAttention {
  /** A window that no sequence fills. */
  public static final int NO_WINDOW = Integer.MAX_VALUE;

  private static final int BLOCK = 256;

  private final int heads;
  private final int keyValueHeads;
  private final int headDim;
  private final int window;
  private final double scale;
  private GradientFlow scores = GradientFlow.STOPS;
  private GradientFlow output = GradientFlow.STOPS;

  /** With {@code heads} query heads that share {@code keyValueHeads} key and value heads. */
  public CausalAttention(int heads, int keyValueHeads, int headDim) {
    this(heads, keyValueHeads, headDim, NO_WINDOW);
  }

  /** The same where a token sees {@code window} tokens, itself included, or {@link #NO_WINDOW}. */
  public CausalAttention(int heads, int keyValueHeads, int headDim, int window) {
    this.heads = heads;
    this.keyValueHeads = keyValueHeads;
    this.headDim = headDim;
    this.window = window;
    this.scale = 1 / Math.sqrt(headDim);
  }

  /**
   * Gradients {@code [tokens, heads · headDim]} of q and {@code [tokens, keyValueHeads · headDim]}
   * of k and v; q and k null if not owed.
   */
  public record Gradients(Tensor query, Tensor key, Tensor value) {}

  /**
   * The queries {@code start} to {@code start + rows} of a sequence, and the keys {@code from} to
   * {@code to} that at least one of them sees; the last {@code rows} keys are their own.
   */
  private record Block(long start, long rows, long from, long to) {
    long keys() {
      return to - from;
    }

    Tensor of(Tensor keys, int dimension) {
      return keys.narrow(dimension, from, keys());
    }
  }

  /**
   * @param earlier keys before those of the {@code queries}
   */
  private Block block(long start, long queries, long earlier) {
    long rows = Math.min(BLOCK, queries - start);
    long first = earlier + start;
    return new Block(start, rows, Math.max(0, first - window + 1), first + rows);
  }

  /** See {@link Projection#plan}, for three inputs. */
  public GradientFlow plan(GradientFlow query, GradientFlow key, GradientFlow value) {
    scores = query.or(key);
    output = scores.or(value);
    return output;
  }

  /**
   * {@code q [tokens, heads · headDim]}, {@code k, v [tokens, keyValueHeads · headDim]}, which may
   * be columns of one matrix, to the shape of q.
   */
  public Tensor forward(Tensor q, Tensor k, Tensor v, Sequences sequences, Tape tape) {
    try (Scope scope = new Scope()) {
      if (output.flows()) {
        tape.keep(q);
        tape.keep(k);
        if (scores.flows()) {
          tape.keep(v);
        }
      }
      Tensor y = Buffers.emptyLike(q);
      Tensor workspace = workspace(sequences.longest(), sequences.longest(), q);
      for (int i = 0; i < sequences.count(); i++) {
        attend(
            rows(q, sequences, i),
            rows(k, sequences, i),
            rows(v, sequences, i),
            rows(y, sequences, i),
            workspace);
      }
      return scope.keep(y);
    }
  }

  /**
   * New rows {@code q, k, v} of sequences whose earlier keys and values are in {@code caches}, one
   * for each; keeps nothing for a backward pass.
   */
  public Tensor forward(
      Tensor q, Tensor k, Tensor v, Sequences sequences, List<KeyValueCache> caches, int layer) {
    try (Scope scope = new Scope()) {
      Tensor y = Buffers.emptyLike(q);
      for (int i = 0; i < sequences.count(); i++) {
        attend(
            rows(q, sequences, i),
            caches.get(i).append(layer, rows(k, sequences, i), rows(v, sequences, i)),
            rows(y, sequences, i));
      }
      return scope.keep(y);
    }
  }

  private void attend(Tensor q, KeyValueCache.Seen seen, Tensor y) {
    try (Scope scope = new Scope()) {
      attend(q, seen.keys(), seen.values(), y, workspace(q.size(0), seen.keys().size(0), q));
    }
  }

  /**
   * The queries are the last {@code q.size(0)} positions of the keys: all of them in training, the
   * new ones with a key-value cache.
   *
   * @param y written, {@code [queries, heads · headDim]}
   */
  private void attend(Tensor q, Tensor k, Tensor v, Tensor y, Tensor workspace) {
    try (Scope scope = new Scope()) {
      long earlier = k.size(0) - q.size(0);
      Tensor keys = byHead(k, keyValueHeads);
      Tensor values = byHead(v, keyValueHeads);
      Tensor mask = diagonalMask(Math.min(BLOCK, q.size(0)), q);
      for (long start = 0; start < q.size(0); start += BLOCK) {
        try (Scope inner = new Scope()) {
          Block block = block(start, q.size(0), earlier);
          Tensor p = scores(workspace, block);
          probabilities(p, grouped(q, block, scale), block.of(keys, 1), block, mask);
          Tensor mixed = p.bmm(block.of(values, 1));
          byHead(y.narrow(0, start, block.rows()), heads)
              .copy_(mixed.view(heads, block.rows(), headDim));
        }
      }
    }
  }

  /** {@code dy} of the shape of q; the gradients are owned by the caller's scope. */
  public Gradients backward(Tensor dy, Sequences sequences, Tape tape) {
    Gradients gradients = room(dy);
    backward(dy, sequences, tape, gradients);
    return gradients;
  }

  /** Tensors of the caller's scope for the gradients that are owed, their numbers undefined. */
  public Gradients room(Tensor dy) {
    long width = (long) keyValueHeads * headDim;
    return new Gradients(
        scores.flows() ? Buffers.emptyLike(dy) : null,
        scores.flows() ? Buffers.empty(dy.scalar_type(), dy.size(0), width) : null,
        Buffers.empty(dy.scalar_type(), dy.size(0), width));
  }

  /** The same, written to {@code gradients}, which may be columns of one matrix. */
  public void backward(Tensor dy, Sequences sequences, Tape tape, Gradients gradients) {
    try (Scope scope = new Scope()) {
      Tensor v = scores.flows() ? tape.take() : null;
      Tensor k = tape.take();
      Tensor q = tape.take();
      Tensor[] workspaces = {
        workspace(sequences.longest(), sequences.longest(), q),
        workspace(sequences.longest(), sequences.longest(), q)
      };
      for (int i = 0; i < sequences.count(); i++) {
        backwardSequence(
            rows(dy, sequences, i),
            new Gradients(rows(q, sequences, i), rows(k, sequences, i), rows(v, sequences, i)),
            new Gradients(
                rows(gradients.query(), sequences, i),
                rows(gradients.key(), sequences, i),
                rows(gradients.value(), sequences, i)),
            workspaces);
      }
    }
  }

  private void backwardSequence(
      Tensor dy, Gradients inputs, Gradients gradients, Tensor[] workspaces) {
    try (Scope scope = new Scope()) {
      Tensor keys = byHead(inputs.key(), keyValueHeads);
      long tokens = inputs.key().size(0);
      Tensor valuesT =
          scores.flows() ? byHead(inputs.value(), keyValueHeads).transpose(1, 2) : null;
      Tensor mask = diagonalMask(Math.min(BLOCK, tokens), keys);
      Tensor dk = Buffers.emptyLike(keys).zero_();
      Tensor dv = Buffers.emptyLike(keys).zero_();
      for (long start = 0; start < tokens; start += BLOCK) {
        try (Scope inner = new Scope()) {
          Block block = block(start, tokens, 0);
          Tensor q = grouped(inputs.query(), block, scale);
          Tensor dOut = grouped(dy, block, 1);
          Tensor seenKeys = block.of(keys, 1);
          Tensor p = scores(workspaces[0], block);
          probabilities(p, q, seenKeys, block, mask);
          block.of(dv, 1).baddbmm_(p.transpose(1, 2), dOut);
          if (scores.flows()) {
            Tensor dS = scores(workspaces[1], block);
            torch.bmm_out(dS, dOut, block.of(valuesT, 2));
            Operators.softmaxBackward(dS, p);
            block.of(dk, 1).baddbmm_(dS.transpose(1, 2), q);
            Tensor dq = dS.bmm(seenKeys).mul_(Scalars.of(scale));
            byHead(gradients.query().narrow(0, start, block.rows()), heads)
                .copy_(dq.view(heads, block.rows(), headDim));
          }
        }
      }
      byHead(gradients.value(), keyValueHeads).copy_(dv);
      if (scores.flows()) {
        byHead(gradients.key(), keyValueHeads).copy_(dk);
      }
    }
  }

  /**
   * Room for the scores of one block of queries against at most {@code most} keys, used block after
   * block.
   */
  private Tensor workspace(long queries, long most, Tensor like) {
    long rows = Math.min(BLOCK, queries);
    return Buffers.empty(like.scalar_type(), heads * rows * Math.min(most, rows + window - 1L));
  }

  /** The workspace as {@code [keyValueHeads, group · rows, keys]}. */
  private Tensor scores(Tensor workspace, Block block) {
    return workspace
        .narrow(0, 0, heads * block.rows() * block.keys())
        .view(keyValueHeads, heads / keyValueHeads * block.rows(), block.keys());
  }

  /**
   * Writes to {@code scores [keyValueHeads, group · rows, keys]} the probabilities between {@code q
   * [keyValueHeads, group · rows, d]} and {@code keys [keyValueHeads, keys, d]}.
   *
   * @param mask −∞ above the diagonal
   */
  private void probabilities(Tensor scores, Tensor q, Tensor keys, Block block, Tensor mask) {
    try (Scope scope = new Scope()) {
      long rows = block.rows();
      torch.bmm_out(scores, q, keys.transpose(1, 2));
      Tensor square = scores.view(heads, rows, block.keys());
      square.narrow(2, block.keys() - rows, rows).add_(mask.narrow(0, 0, rows).narrow(1, 0, rows));
      // The first queries may see all keys of the block; each later one loses one key more.
      long whole = window - 1L - (block.keys() - rows);
      if (whole < rows) {
        long losing = rows - whole;
        square
            .narrow(1, whole, losing)
            .narrow(2, 0, losing)
            .add_(mask.narrow(0, 0, losing).narrow(1, 0, losing).t());
      }
      torch.softmax_out(scores, scores, -1);
    }
  }

  /**
   * The block's rows of {@code x [tokens, heads · d]}, scaled, copied as {@code [keyValueHeads,
   * group · rows, d]}.
   */
  private Tensor grouped(Tensor x, Block block, double factor) {
    try (Scope scope = new Scope()) {
      Tensor copy = Buffers.empty(x.scalar_type(), heads, block.rows(), headDim);
      Tensor rows = x.narrow(0, block.start(), block.rows());
      torch.mul_out(copy, byHead(rows, heads), Scalars.of(factor));
      return scope.keep(copy.view(keyValueHeads, heads / keyValueHeads * block.rows(), headDim));
    }
  }

  /** {@code x [tokens, heads · d]} seen as {@code [heads, tokens, d]}. */
  private Tensor byHead(Tensor x, int count) {
    return x.view(x.size(0), count, headDim).transpose(0, 1);
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

  private static Tensor rows(Tensor x, Sequences sequences, int i) {
    return x == null ? null : x.narrow(0, sequences.start(i), sequences.length(i));
  }
}
