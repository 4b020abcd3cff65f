package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Sequences;

/** What is to be learned about the sequences of a micro-batch. */
public sealed interface Labels {
  /** The label of a position without loss. */
  int IGNORED = -100;

  /**
   * A token for each position: the next one for a causal model, the one that was masked for a
   * masked one.
   *
   * @param targets {@code [tokens]}, {@link #IGNORED} where there is no loss
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody, and too large to copy
  record Tokens(int[] targets) implements Labels {}

  /**
   * Numbers for each sequence: its class, 0 or 1 for each label that it may have, or what a
   * regression should give.
   *
   * @param values {@code [sequences · width]}, sequence by sequence
   * @param width numbers of one sequence
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody, and too large to copy
  record Numbers(float[] values, int width) implements Labels {}

  /**
   * A sequence for each sequence, which the decoder should write.
   *
   * @param ids {@code [target tokens]} without a start token, {@link #IGNORED} where there is no
   *     loss
   * @param sequences where each begins; as many as those that are read
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody, and too large to copy
  record Written(int[] ids, Sequences sequences) implements Labels {}
}
