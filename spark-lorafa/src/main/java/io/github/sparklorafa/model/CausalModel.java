package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A language model that predicts the next token. */
public interface CausalModel extends Model {
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
}
