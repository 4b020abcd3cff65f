package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Sequences;
import org.bytedeco.pytorch.Tensor;

/** A model that says something about each text as a whole. */
public interface Classifier extends Model {
  /**
   * Logits of each sequence, {@code [sequences, labels]}, owned by the caller's scope.
   *
   * @param ids {@code [tokens]} of all sequences, one after the other
   * @throws IllegalStateException if the model has another head
   */
  Tensor logits(int[] ids, Sequences sequences);
}
