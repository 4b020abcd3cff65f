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
 * query rows; what lies above the diagonal is never computed beyond its block. Keeps q, k and v
 * only (v only if q or k has a gradient), and computes each block's probabilities {@code P} again
 * in the backward pass:
 *
 * <p>{@code dv = Pᵀ do}, {@code dS = P ∘ (dP − Σ dP∘P)} with {@code dP = do vᵀ}, {@code dq = dS
 * k/√d}, {@code dk = dSᵀ q/√d}. The query heads of a group are rows of one product with their key
 * head, which also sums dk and dv over the group.
 */
public final class CausalAttention {
  private static final int BLOCK = 256;

  private final int heads;
  private final int keyValueHeads;
  private final int headDim;
  private final double scale;
  private GradientFlow scores = GradientFlow.STOPS;
  private GradientFlow output = GradientFlow.STOPS;

  /** With {@code heads} query heads that share {@code keyValueHeads} key and value heads. */
  public CausalAttention(int heads, int keyValueHeads, int headDim) {
    this.heads = heads;
    this.keyValueHeads = keyValueHeads;
    this.headDim = headDim;
    this.scale = 1 / Math.sqrt(headDim);
  }

  /**
   * Gradients {@code [tokens, heads · headDim]} of q and {@code [tokens, keyValueHeads · headDim]}
   * of k and v; q and k null if not owed.
   */
  public record Gradients(Tensor query, Tensor key, Tensor value) {}

  /** See {@link Projection#plan}, for three inputs. */
  public GradientFlow plan(GradientFlow query, GradientFlow key, GradientFlow value) {
    scores = query.or(key);
    output = scores.or(value);
    return output;
  }

  /**
   * {@code q [tokens, heads · headDim]}, {@code k, v [tokens, keyValueHeads · headDim]} to the
   * shape of q.
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
          long rows = Math.min(BLOCK, q.size(0) - start);
          long seen = earlier + start + rows;
          Tensor block = scores(workspace, rows, seen);
          probabilities(block, grouped(q, start, rows, scale), keys.narrow(1, 0, seen), mask);
          Tensor mixed = block.bmm(values.narrow(1, 0, seen));
          byHead(y.narrow(0, start, rows), heads).copy_(mixed.view(heads, rows, headDim));
        }
      }
    }
  }

  /** {@code dy} of the shape of q; the gradients are owned by the caller's scope. */
  public Gradients backward(Tensor dy, Sequences sequences, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor v = scores.flows() ? tape.take() : null;
      Tensor k = tape.take();
      Tensor q = tape.take();
      Tensor dq = scores.flows() ? Buffers.emptyLike(q) : null;
      Tensor dk = scores.flows() ? Buffers.emptyLike(k) : null;
      Tensor dv = Buffers.emptyLike(k);
      Tensor[] workspaces = {
        workspace(sequences.longest(), sequences.longest(), q),
        workspace(sequences.longest(), sequences.longest(), q)
      };
      for (int i = 0; i < sequences.count(); i++) {
        backwardSequence(
            rows(dy, sequences, i),
            new Gradients(rows(q, sequences, i), rows(k, sequences, i), rows(v, sequences, i)),
            new Gradients(rows(dq, sequences, i), rows(dk, sequences, i), rows(dv, sequences, i)),
            workspaces);
      }
      return new Gradients(
          dq == null ? null : scope.keep(dq), dk == null ? null : scope.keep(dk), scope.keep(dv));
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
        try (Scope block = new Scope()) {
          long rows = Math.min(BLOCK, tokens - start);
          long seen = start + rows;
          Tensor q = grouped(inputs.query(), start, rows, scale);
          Tensor dOut = grouped(dy, start, rows, 1);
          Tensor seenKeys = keys.narrow(1, 0, seen);
          Tensor p = scores(workspaces[0], rows, seen);
          probabilities(p, q, seenKeys, mask);
          dv.narrow(1, 0, seen).baddbmm_(p.transpose(1, 2), dOut);
          if (scores.flows()) {
            Tensor dS = scores(workspaces[1], rows, seen);
            torch.bmm_out(dS, dOut, valuesT.narrow(2, 0, seen));
            Operators.softmaxBackward(dS, p);
            dk.narrow(1, 0, seen).baddbmm_(dS.transpose(1, 2), q);
            Tensor dq = dS.bmm(seenKeys).mul_(Scalars.of(scale));
            byHead(gradients.query().narrow(0, start, rows), heads)
                .copy_(dq.view(heads, rows, headDim));
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
   * Room for the scores of one block of queries against {@code most} keys, used block after block.
   */
  private Tensor workspace(long queries, long most, Tensor like) {
    return Buffers.empty(like.scalar_type(), heads * Math.min(BLOCK, queries) * most);
  }

  /** The workspace as {@code [keyValueHeads, group · rows, seen]}. */
  private Tensor scores(Tensor workspace, long rows, long seen) {
    return workspace
        .narrow(0, 0, heads * rows * seen)
        .view(keyValueHeads, heads / keyValueHeads * rows, seen);
  }

  /**
   * Writes to {@code scores [keyValueHeads, group · rows, seen]} the probabilities between {@code q
   * [keyValueHeads, group · rows, d]} and {@code keys [keyValueHeads, seen, d]}.
   */
  private void probabilities(Tensor scores, Tensor q, Tensor keys, Tensor mask) {
    try (Scope scope = new Scope()) {
      long seen = keys.size(1);
      long rows = q.size(1) / (heads / keyValueHeads);
      torch.bmm_out(scores, q, keys.transpose(1, 2));
      scores
          .view(heads, rows, seen)
          .narrow(2, seen - rows, rows)
          .add_(mask.narrow(0, 0, rows).narrow(1, 0, rows));
      torch.softmax_out(scores, scores, -1);
    }
  }

  /**
   * Rows {@code start} on of {@code x [tokens, heads · d]}, scaled, copied as {@code
   * [keyValueHeads, group · rows, d]}.
   */
  private Tensor grouped(Tensor x, long start, long rows, double factor) {
    try (Scope scope = new Scope()) {
      Tensor copy = Buffers.empty(x.scalar_type(), heads, rows, headDim);
      torch.mul_out(copy, byHead(x.narrow(0, start, rows), heads), Scalars.of(factor));
      return scope.keep(copy.view(keyValueHeads, heads / keyValueHeads * rows, headDim));
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
