package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Sequences;

/**
 * What a model takes through at once: sequences one after the other, without padding, and what is
 * to be learned about them.
 *
 * @param ids {@code [tokens]} of all sequences
 * @param sequences where each of them begins
 * @param labels of the kind that the model's objective asks for
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody, and too large to copy
public record MicroBatch(int[] ids, Sequences sequences, Labels labels) {
  /** With the id that each position should give. */
  public static MicroBatch of(int[] ids, int[] targets, Sequences sequences) {
    return new MicroBatch(ids, sequences, new Labels.Tokens(targets));
  }
}
