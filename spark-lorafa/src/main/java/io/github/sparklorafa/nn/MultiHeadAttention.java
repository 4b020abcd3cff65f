package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Attention {@code softmax(s q kᵀ + bias) v} of each sequence to all of another, or of itself
 * (Vaswani et al., 2017), over ragged sequences, in the blocks of {@link BlockedAttention}.
 *
 * <p>An encoder attends to its own sequences without bias, or with one by distance (T5); a decoder
 * to its own with a bias that leaves out what comes later, and to those of the encoder.
 */
public final class MultiHeadAttention {
  private final BlockedAttention attention;

  /**
   * @param scale of the scores: {@code 1/√headDim}, or 1 in T5
   */
  public MultiHeadAttention(int heads, int headDim, double scale) {
    this.attention = new BlockedAttention(heads, heads, headDim, scale);
  }

  /** What is added to the scores of a sequence, one block of query rows after the other. */
  public interface Bias {
    /** Nothing. */
    Bias NONE = (scores, position) -> {};

    /**
     * Adds in place.
     *
     * @param scores {@code [heads, rows, keys]}, of the first keys of the sequence, as many as are
     *     {@link #seen} from the last row
     * @param position among the keys of the query in the first row, where a sequence attends to
     *     itself; the queries are the last of the keys
     */
    void add(Tensor scores, long position);

    /**
     * How many of all {@code keys} the queries up to the one at {@code position} see. Scores of the
     * keys behind them are not computed for a block that ends with that query.
     */
    default long seen(long position, long keys) {
      return keys;
    }

    /**
     * Adds to the bias's own gradient, where that is asked for.
     *
     * @param dScores only read, of the shape of the scores
     */
    default void addGradient(Tensor dScores, long position) {}
  }

  /** See {@link Projection#plan}, for three inputs. */
  public GradientFlow plan(GradientFlow query, GradientFlow key, GradientFlow value) {
    return plan(query, key, value, GradientFlow.STOPS);
  }

  /**
   * The same with a bias.
   *
   * @param bias whether it is trained: then the gradient of the scores is computed for it
   */
  public GradientFlow plan(
      GradientFlow query, GradientFlow key, GradientFlow value, GradientFlow bias) {
    return attention.plan(query, key, value, bias);
  }

  /** {@code q, k, v [tokens, heads · headDim]} of the same sequences, to the shape of q. */
  public Tensor forward(Tensor q, Tensor k, Tensor v, Sequences sequences, Tape tape) {
    return forward(q, k, v, sequences, sequences, Bias.NONE, tape);
  }

  /**
   * {@code q [query tokens, heads · headDim]} and {@code k, v [key tokens, heads · headDim]} to the
   * shape of q: sequence {@code i} of the queries attends to sequence {@code i} of the keys.
   */
  public Tensor forward(
      Tensor q, Tensor k, Tensor v, Sequences queries, Sequences keys, Bias bias, Tape tape) {
    return attention.forward(q, k, v, queries, keys, new Reach(bias), tape);
  }

  /**
   * New rows {@code q, k, v} of sequences whose earlier keys and values are in {@code caches}, one
   * for each, to which these rows attend too; keeps nothing for a backward pass.
   */
  public Tensor forward(
      Tensor q,
      Tensor k,
      Tensor v,
      Sequences sequences,
      List<KeyValueCache> caches,
      int layer,
      Bias bias) {
    return attention.forward(q, k, v, sequences, caches, layer, new Reach(bias));
  }

  /**
   * New rows {@code q} of sequences that attend to what was read before them, in {@code caches}.
   */
  public Tensor forward(Tensor q, Sequences sequences, List<KeyValueCache> caches, int layer) {
    return attention.forward(q, sequences, caches, layer, new Reach(Bias.NONE));
  }

  /** {@code dy} of the shape of q; the gradients are owned by the caller's scope. */
  public AttentionGradients backward(Tensor dy, Sequences sequences, Tape tape) {
    return backward(dy, sequences, sequences, Bias.NONE, tape);
  }

  /** The same for other keys and a bias, whose own gradient is added to it. */
  public AttentionGradients backward(
      Tensor dy, Sequences queries, Sequences keys, Bias bias, Tape tape) {
    AttentionGradients gradients = attention.room(dy, keys.tokens());
    try (Scope scope = new Scope()) {
      attention.backward(dy, queries, keys, new Reach(bias), tape, gradients);
    }
    return gradients;
  }

  /** Every query sees every key, unless the bias says otherwise. */
  private record Reach(Bias bias) implements BlockedAttention.Reach {
    @Override
    public BlockedAttention.Block block(long start, long queries, long keys) {
      BlockedAttention.Block all = BlockedAttention.Block.of(start, rows(queries), queries, keys);
      long last = all.position() + all.rows() - 1;
      return new BlockedAttention.Block(
          start, all.rows(), all.position(), 0, bias.seen(last, keys));
    }

    @Override
    public long most(long rows, long keys) {
      return keys;
    }

    @Override
    public void add(Tensor scores, BlockedAttention.Block block) {
      bias.add(scores, block.position());
    }

    @Override
    public void addGradient(Tensor dScores, BlockedAttention.Block block) {
      bias.addGradient(dScores, block.position());
    }
  }
}
