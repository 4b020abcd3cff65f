package io.github.sparklorafa.data;

import java.util.List;

/**
 * The sequences that a batch counts: each row of a store by itself, or several rows packed
 * together; any number of threads may read them.
 *
 * <p>Sequences count from 0. The rows of a packed sequence stay documents of their own: a {@link
 * TokenBatch} has an offset for each, so that positions, attention and loss begin anew with every
 * document and nothing passes from one to another.
 */
public interface TokenSequences {

  /** Number of sequences. */
  long count();

  /**
   * Number of tokens of a sequence, over all its documents.
   *
   * @throws IndexOutOfBoundsException if there is no such sequence
   */
  int tokens(long sequence);

  /**
   * The documents of a sequence, in the order of their rows.
   *
   * @throws IndexOutOfBoundsException if there is no such sequence
   */
  List<Example> documents(long sequence);

  /**
   * The rows of the store that a sequence is made of, rising.
   *
   * @throws IndexOutOfBoundsException if there is no such sequence
   */
  long[] rows(long sequence);

  /** A sentence on how the sequences were made; empty if they are the rows. */
  String summary();

  /** Each row of a store as a sequence of its own; keeps nothing in memory. */
  static TokenSequences rows(TokenStore store) {
    return new RowSequences(store);
  }

  /**
   * The rows of a store packed into sequences of at most {@code capacity} tokens, as {@link
   * PackedSequences} writes it down: a pure function of the rows' lengths and the capacity. Reads
   * the length of every row once, copies no token, and keeps at most 8 bytes of heap a row.
   *
   * @throws IllegalArgumentException if the capacity is not positive, or there are 2³¹ rows or more
   */
  static TokenSequences packed(TokenStore store, int capacity) {
    return PackedSequences.of(store, capacity);
  }
}
