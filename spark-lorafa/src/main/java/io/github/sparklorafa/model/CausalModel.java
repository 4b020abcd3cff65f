package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A language model that predicts the next token. Not thread-safe; its tensors belong to the thread
 * that trains.
 */
public interface CausalModel extends AutoCloseable {
  /**
   * One micro-batch, forward and backward: adds the gradient of the summed loss to the trainable
   * parameters.
   *
   * @param ids {@code [tokens]}
   * @param targets {@code [tokens]}, the id that should follow, −100 where there is no loss
   * @param tape empty; holds what is kept between the passes and is empty again afterwards
   */
  LossSum trainStep(int[] ids, int[] targets, Sequences sequences, Tape tape);

  /** The loss of one micro-batch; nothing is kept. */
  LossSum evaluate(int[] ids, int[] targets, Sequences sequences);

  /** Logits of every token, {@code [tokens, vocabulary]}, owned by the caller's scope. */
  Tensor logits(int[] ids, Sequences sequences);

  /** An empty cache for one sequence of {@link #nextLogits}; the caller closes it. */
  KeyValueCache newCache();

  /**
   * Logits after the last token of each sequence, {@code [sequences, vocabulary]}, owned by the
   * caller's scope. The new tokens of a sequence follow what is in its cache already; sequences of
   * any lengths advance together.
   *
   * @param ids {@code [new tokens]} of all sequences, one after the other
   * @param caches one for each sequence
   */
  Tensor nextLogits(int[] ids, Sequences sequences, List<KeyValueCache> caches);

  /** The same for one sequence, {@code [vocabulary]}. */
  default Tensor nextLogits(int[] ids, KeyValueCache cache) {
    try (Scope scope = new Scope()) {
      return scope.keep(nextLogits(ids, new Sequences(0, ids.length), List.of(cache)).view(-1));
    }
  }

  /** The weights of the model itself, without an adapter's, in the order of its forward pass. */
  List<Parameter> parameters();

  @Override
  void close();

  /**
   * A loss before it is averaged.
   *
   * @param sum of the negative log-likelihoods, in nats
   * @param terms that were added
   */
  record LossSum(double sum, long terms) {
    /** Mean loss of a term. */
    public double mean() {
      return sum / terms;
    }
  }
}
