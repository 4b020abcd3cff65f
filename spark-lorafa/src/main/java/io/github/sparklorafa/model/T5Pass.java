package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.MultiHeadAttention;
import io.github.sparklorafa.nn.Sequences;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What all layers of one pass through a stack share.
 *
 * @param sequences that go through it
 * @param bias of their self-attention
 * @param read what cross-attention sees; null in the encoder, and where {@code caches} hold it
 * @param caches that the sequences go on from, or null
 */
record T5Pass(
    Sequences sequences, MultiHeadAttention.Bias bias, Read read, List<KeyValueCache> caches) {
  /**
   * The encoder's output.
   *
   * @param states {@code [read tokens, dModel]}; null in the backward pass, which needs them no
   *     more unless layers are recomputed
   * @param gradient of their shape, to which the layers add; null where none is owed
   */
  record Read(Tensor states, Tensor gradient, Sequences sequences) {}

  /** The same pass, in which the encoder's output is there again. */
  T5Pass seeing(Tensor states) {
    return new T5Pass(sequences, bias, new Read(states, read.gradient, read.sequences), caches);
  }
}
