package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Sequences;

/**
 * What a model takes through at once: sequences one after the other, without padding, and what is
 * to be learned about them.
 *
 * @param ids {@code [tokens]} of all sequences
 * @param types {@code [tokens]}, 1 for those of the second text of a pair, 0 for all others; empty
 *     where all are 0
 * @param sequences where each of them begins
 * @param labels of the kind that the model's objective asks for
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody, and too large to copy
public record MicroBatch(int[] ids, int[] types, Sequences sequences, Labels labels) {
  private static final int[] ALL_ZERO = {};

  /** With the id that each position should give. */
  public static MicroBatch of(int[] ids, int[] targets, Sequences sequences) {
    return new MicroBatch(ids, ALL_ZERO, sequences, new Labels.Tokens(targets));
  }
}
