package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Sequences;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model that writes a text token by token. */
public interface AutoregressiveModel extends Model {
  /** The loss of each label of a micro-batch, in nats; 0 where it is ignored. Nothing is kept. */
  float[] losses(MicroBatch batch);

  /**
   * Logits after the last token of each sequence, {@code [sequences, vocabulary]}, owned by the
   * caller's scope. The new tokens of a sequence follow what is in its cache already; sequences of
   * any lengths advance together.
   *
   * @param ids {@code [new tokens]} of all sequences, one after the other
   * @param caches one for each sequence
   */
  Tensor nextLogits(int[] ids, Sequences sequences, List<KeyValueCache> caches);
}
