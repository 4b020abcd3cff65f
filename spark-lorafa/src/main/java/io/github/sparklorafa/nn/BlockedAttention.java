package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Operators;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The products of {@code softmax(s q kᵀ + m) v} over ragged sequences, in blocks of query rows;
 * which keys a block sees, and what is added to its scores, is said by a {@link Reach}. Keeps q, k
 * and v only (v only if the scores have a gradient), and computes each block's probabilities {@code
 * P} again in the backward pass:
 *
 * <p>{@code dv = Pᵀ do}, {@code dS = P ∘ (dP − Σ dP∘P)} with {@code dP = do vᵀ}, {@code dm = dS},
 * {@code dq = s dS k}, {@code dk = s dSᵀ q}. The query heads of a group are rows of one product
 * with their key head, which also sums dk and dv over the group.
 */
final class BlockedAttention {
  static final int BLOCK = 256;

  /** Queries of a sequence from which on its keys and values are copied head by head. */
  private static final long PACKED_FROM = 64;

  private final int heads;
  private final int keyValueHeads;
  private final int headDim;
  private final double scale;
  private GradientFlow scores = GradientFlow.STOPS;
  private GradientFlow output = GradientFlow.STOPS;

  BlockedAttention(int heads, int keyValueHeads, int headDim, double scale) {
    this.heads = heads;
    this.keyValueHeads = keyValueHeads;
    this.headDim = headDim;
    this.scale = scale;
  }

  /**
   * The queries {@code start} to {@code start + rows} of a sequence, the first of which is at
   * {@code position} of the keys, and the keys {@code from} to {@code to} that at least one sees.
   */
  record Block(long start, long rows, long position, long from, long to) {
    /**
     * The block of at most {@code rows} that begins at {@code start} and sees all keys; the queries
     * are the last positions of the keys.
     */
    static Block of(long start, long rows, long queries, long keys) {
      return new Block(start, Math.min(rows, queries - start), keys - queries + start, 0, keys);
    }

    long keys() {
      return to - from;
    }

    Tensor of(Tensor keys, int dimension) {
      return keys.narrow(dimension, from, keys());
    }
  }

  /** Which keys a query sees, and how well. */
  interface Reach {
    /** Queries of a block, for a sequence of so many; at most {@link #BLOCK}. */
    default long rows(long queries) {
      return Math.min(BLOCK, queries);
    }

    /** The block of {@link #rows} of all {@code queries} that begins at {@code start}. */
    Block block(long start, long queries, long keys);

    /** At most so many keys are in a block of {@code rows} queries. */
    long most(long rows, long keys);

    /** Adds in place to {@code scores [heads, rows, keys]} of a sequence's block. */
    void add(Tensor scores, Block block);

    /** Is given the gradient of the scores, of the same shape, before it is used up. */
    default void addGradient(Tensor dScores, Block block) {}
  }

  /**
   * @param added whether what the reach adds has a gradient
   */
  GradientFlow plan(GradientFlow query, GradientFlow key, GradientFlow value, GradientFlow added) {
    scores = query.or(key).or(added);
    output = scores.or(value);
    return output;
  }

  /** Sequence {@code i} of the queries sees the keys and values of sequence {@code i}. */
  Tensor forward(
      Tensor q, Tensor k, Tensor v, Sequences queries, Sequences keys, Reach reach, Tape tape) {
    try (Scope scope = new Scope()) {
      if (output.flows()) {
        tape.keep(q);
        tape.keep(k);
        if (scores.flows()) {
          tape.keep(v);
        }
      }
      Tensor y = Buffers.emptyLike(q);
      Tensor workspace = workspace(queries.longest(), keys.longest(), reach, q);
      for (int i = 0; i < queries.count(); i++) {
        attend(
            rows(q, queries, i),
            rows(k, keys, i),
            rows(v, keys, i),
            rows(y, queries, i),
            reach,
            workspace);
      }
      return scope.keep(y);
    }
  }

  /** New rows of sequences whose earlier keys and values are in {@code caches}. */
  Tensor forward(
      Tensor q,
      Tensor k,
      Tensor v,
      Sequences sequences,
      List<KeyValueCache> caches,
      int layer,
      Reach reach) {
    try (Scope scope = new Scope()) {
      Tensor y = Buffers.emptyLike(q);
      for (int i = 0; i < sequences.count(); i++) {
        attend(
            rows(q, sequences, i),
            caches.get(i).append(layer, rows(k, sequences, i), rows(v, sequences, i)),
            rows(y, sequences, i),
            reach);
      }
      return scope.keep(y);
    }
  }

  /** New rows of sequences that attend to what was read before them, which {@code caches} hold. */
  Tensor forward(
      Tensor q, Sequences sequences, List<KeyValueCache> caches, int layer, Reach reach) {
    try (Scope scope = new Scope()) {
      Tensor y = Buffers.emptyLike(q);
      for (int i = 0; i < sequences.count(); i++) {
        attend(rows(q, sequences, i), caches.get(i).read(layer), rows(y, sequences, i), reach);
      }
      return scope.keep(y);
    }
  }

  private void attend(Tensor q, KeyValueCache.Seen seen, Tensor y, Reach reach) {
    try (Scope scope = new Scope()) {
      Tensor workspace = workspace(q.size(0), seen.keys().size(0), reach, q);
      attend(q, seen.keys(), seen.values(), y, reach, workspace);
    }
  }

  /**
   * One sequence.
   *
   * @param y written, {@code [queries, heads · headDim]}
   */
  private void attend(Tensor q, Tensor k, Tensor v, Tensor y, Reach reach, Tensor workspace) {
    try (Scope scope = new Scope()) {
      long queries = q.size(0);
      Tensor keys = byKeyHead(k, queries);
      Tensor values = byKeyHead(v, queries);
      for (long start = 0; start < queries; start += reach.rows(queries)) {
        try (Scope inner = new Scope()) {
          Block block = reach.block(start, queries, k.size(0));
          Tensor p = scores(workspace, block);
          probabilities(p, grouped(q, block, scale), keys, block, reach);
          Tensor mixed = p.bmm(block.of(values, 1));
          byHead(y.narrow(0, start, block.rows()), heads)
              .copy_(mixed.view(heads, block.rows(), headDim));
        }
      }
    }
  }

  /** Tensors of the caller's scope for the gradients that are owed, their numbers undefined. */
  AttentionGradients room(Tensor dy, long keys) {
    long width = (long) keyValueHeads * headDim;
    return new AttentionGradients(
        scores.flows() ? Buffers.emptyLike(dy) : null,
        scores.flows() ? Buffers.empty(dy.scalar_type(), keys, width) : null,
        Buffers.empty(dy.scalar_type(), keys, width));
  }

  /**
   * @param dy of the shape of q
   * @param gradients written; they may be columns of one matrix
   */
  void backward(
      Tensor dy,
      Sequences queries,
      Sequences keys,
      Reach reach,
      Tape tape,
      AttentionGradients gradients) {
    try (Scope scope = new Scope()) {
      Tensor v = scores.flows() ? tape.take() : null;
      Tensor k = tape.take();
      Tensor q = tape.take();
      Tensor[] workspaces = {
        workspace(queries.longest(), keys.longest(), reach, q),
        workspace(queries.longest(), keys.longest(), reach, q)
      };
      for (int i = 0; i < queries.count(); i++) {
        backwardSequence(
            rows(dy, queries, i),
            new AttentionGradients(rows(q, queries, i), rows(k, keys, i), rows(v, keys, i)),
            new AttentionGradients(
                rows(gradients.query(), queries, i),
                rows(gradients.key(), keys, i),
                rows(gradients.value(), keys, i)),
            reach,
            workspaces);
      }
    }
  }

  private void backwardSequence(
      Tensor dy,
      AttentionGradients inputs,
      AttentionGradients gradients,
      Reach reach,
      Tensor[] workspaces) {
    try (Scope scope = new Scope()) {
      long queries = inputs.query().size(0);
      Tensor keys = byKeyHead(inputs.key(), queries);
      Tensor valuesT = scores.flows() ? byKeyHead(inputs.value(), queries).transpose(1, 2) : null;
      Tensor dk = Buffers.emptyLike(keys).zero_();
      Tensor dv = Buffers.emptyLike(keys).zero_();
      for (long start = 0; start < queries; start += reach.rows(queries)) {
        try (Scope inner = new Scope()) {
          Block block = reach.block(start, queries, keys.size(1));
          Tensor q = grouped(inputs.query(), block, scale);
          Tensor dOut = grouped(dy, block, 1);
          Tensor p = scores(workspaces[0], block);
          probabilities(p, q, keys, block, reach);
          block.of(dv, 1).baddbmm_(p.transpose(1, 2), dOut);
          if (scores.flows()) {
            Tensor dS = scores(workspaces[1], block);
            torch.bmm_out(dS, dOut, block.of(valuesT, 2));
            Operators.softmaxBackward(dS, p);
            reach.addGradient(byQueryHead(dS, block), block);
            block.of(dk, 1).baddbmm_(dS.transpose(1, 2), q);
            Tensor dq = dS.bmm(block.of(keys, 1)).view(heads, block.rows(), headDim);
            Tensor scaled = byHead(gradients.query().narrow(0, start, block.rows()), heads);
            torch.mul_out(scaled, dq, Scalars.of(scale));
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
  private Tensor workspace(long queries, long keys, Reach reach, Tensor like) {
    long rows = reach.rows(queries);
    return Buffers.empty(like.scalar_type(), heads * rows * reach.most(rows, keys));
  }

  /** The workspace as {@code [keyValueHeads, group · rows, keys]}. */
  private Tensor scores(Tensor workspace, Block block) {
    return workspace
        .narrow(0, 0, heads * block.rows() * block.keys())
        .view(keyValueHeads, heads / keyValueHeads * block.rows(), block.keys());
  }

  /** {@code scores} seen as {@code [heads, rows, keys]}. */
  private Tensor byQueryHead(Tensor scores, Block block) {
    return scores.view(heads, block.rows(), block.keys());
  }

  /**
   * Writes to {@code scores [keyValueHeads, group · rows, keys]} the probabilities between {@code q
   * [keyValueHeads, group · rows, d]} and the block's part of {@code keys [keyValueHeads, all keys,
   * d]}.
   */
  private void probabilities(Tensor scores, Tensor q, Tensor keys, Block block, Reach reach) {
    try (Scope scope = new Scope()) {
      torch.bmm_out(scores, q, block.of(keys, 1).transpose(1, 2));
      reach.add(byQueryHead(scores, block), block);
      torch.softmax_out(scores, scores, -1);
    }
  }

  /**
   * The block's rows of {@code x [queries, heads · d]}, scaled, copied as {@code [keyValueHeads,
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

  /**
   * Keys or values {@code x [tokens, keyValueHeads · d]} as {@code [keyValueHeads, tokens, d]}, for
   * many queries as a copy: products with rows that lie apart take up to a third longer, but one
   * query reads each row once.
   */
  private Tensor byKeyHead(Tensor x, long queries) {
    if (queries < PACKED_FROM) {
      return byHead(x, keyValueHeads);
    }
    try (Scope scope = new Scope()) {
      Tensor copy = Buffers.empty(x.scalar_type(), keyValueHeads, x.size(0), headDim);
      return scope.keep(copy.copy_(byHead(x, keyValueHeads)));
    }
  }

  private static Tensor rows(Tensor x, Sequences sequences, int i) {
    return x == null ? null : x.narrow(0, sequences.start(i), sequences.length(i));
  }
}
