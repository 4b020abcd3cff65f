package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Sequences;
import org.bytedeco.pytorch.Tensor;

/** A model that says something about each text as a whole. */
public interface Classifier extends Model {
  /**
   * Logits of each sequence, {@code [sequences, labels]}, owned by the caller's scope.
   *
   * @param ids {@code [tokens]} of all sequences, one after the other
   * @param types {@code [tokens]}, as in {@link MicroBatch}; empty where all are 0
   * @throws IllegalStateException if the model has another head
   */
  Tensor logits(int[] ids, int[] types, Sequences sequences);

  /** The same of sequences that are one text each. */
  default Tensor logits(int[] ids, Sequences sequences) {
    return logits(ids, new int[0], sequences);
  }
}
