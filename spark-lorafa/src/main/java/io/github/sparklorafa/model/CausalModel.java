package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A language model that predicts the next token. */
public interface CausalModel extends AutoregressiveModel {
  /** Logits of every token, {@code [tokens, vocabulary]}, owned by the caller's scope. */
  Tensor logits(int[] ids, Sequences sequences);

  /** An empty cache for one sequence of {@link #nextLogits}; the caller closes it. */
  KeyValueCache newCache();

  /** {@link #nextLogits(int[], Sequences, List)} for one sequence, {@code [vocabulary]}. */
  default Tensor nextLogits(int[] ids, KeyValueCache cache) {
    try (Scope scope = new Scope()) {
      return scope.keep(nextLogits(ids, new Sequences(0, ids.length), List.of(cache)).view(-1));
    }
  }
}
