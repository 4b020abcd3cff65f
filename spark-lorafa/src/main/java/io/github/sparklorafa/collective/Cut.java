package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.NativeFloats;

/**
 * How a buffer is divided: one chunk for each rank, and each chunk into as many pieces.
 *
 * @param count of the numbers in the buffer
 * @param size number of ranks
 * @param rounds pieces in each chunk that isn't empty
 */
record Cut(long count, int size, int rounds) {
  static Cut of(long count, int size, long longestPiece) {
    long longestChunk = (count + size - 1) / size;
    return new Cut(count, size, Math.toIntExact((longestChunk + longestPiece - 1) / longestPiece));
  }

  /** Whether the rank has numbers to add up; with more ranks than numbers, some haven't. */
  boolean gives(int rank) {
    return chunkEnd(rank) > chunkStart(rank);
  }

  NativeFloats piece(NativeFloats buffer, int rank, int round) {
    long chunk = chunkEnd(rank) - chunkStart(rank);
    long start = chunk * round / rounds;
    return NativeMemory.slice(
        buffer, chunkStart(rank) + start, chunk * (round + 1) / rounds - start);
  }

  private long chunkStart(int rank) {
    return count * rank / size;
  }

  private long chunkEnd(int rank) {
    return count * (rank + 1) / size;
  }
}
