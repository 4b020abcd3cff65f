package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Sequences;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model that reads a text and writes another one. */
public interface Seq2SeqModel extends AutoregressiveModel {
  /**
   * Logits of every token to write, {@code [written tokens, vocabulary]}, of the caller's scope.
   */
  Tensor logits(MicroBatch batch);

  /**
   * Reads each sequence once, and returns for each a cache that its text can be written from with
   * {@link #nextLogits}, beginning with {@link #startToken}; the caller closes them.
   */
  List<KeyValueCache> read(int[] ids, Sequences sequences);

  /** The token that stands before every text. */
  int startToken();
}
