package io.github.sparklorafa.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A micro-batch: its sequences one after the other, without padding; the documents of a packed
 * sequence are sequences of their own here.
 *
 * @param ids token ids [tokens]
 * @param targets what each position predicts [tokens]: the label of the next position of the same
 *     sequence, {@link Example#IGNORED} at the end of each sequence
 * @param offsets where each sequence starts [sequences + 1]: sequence {@code s} has the positions
 *     {@code offsets[s] … offsets[s + 1] − 1}
 * @param documents a number for each sequence that tells it from all others of the data [sequences]
 * @param lossTerms number of targets that are not {@link Example#IGNORED}
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody, and too large to copy
public record TokenBatch(int[] ids, int[] targets, int[] offsets, long[] documents, int lossTerms) {

  /**
   * Joins examples to one batch.
   *
   * @throws IllegalArgumentException if there are none
   * @throws ArithmeticException if they have more than 2³¹ − 1 tokens
   */
  public static TokenBatch of(List<Example> examples) {
    return of(examples, LongStream.range(0, examples.size()).toArray());
  }

  /**
   * The same.
   *
   * @param documents a number for each example that tells it from all others of the data
   */
  static TokenBatch of(List<Example> examples, long[] documents) {
    if (examples.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot make a batch of 0 examples (a rank without rows has no micro-batch)");
    }
    int[] offsets = new int[examples.size() + 1];
    for (int s = 0; s < examples.size(); s++) {
      offsets[s + 1] = Math.addExact(offsets[s], examples.get(s).length());
    }
    int[] ids = new int[offsets[examples.size()]];
    int[] targets = new int[ids.length];
    Arrays.fill(targets, Example.IGNORED);
    int lossTerms = 0;
    for (int s = 0; s < examples.size(); s++) {
      Example example = examples.get(s);
      System.arraycopy(example.ids(), 0, ids, offsets[s], example.length());
      System.arraycopy(example.labels(), 1, targets, offsets[s], example.length() - 1);
      lossTerms += example.lossTerms();
    }
    return new TokenBatch(ids, targets, offsets, documents, lossTerms);
  }

  /** Number of tokens. */
  public int tokens() {
    return ids.length;
  }

  /** Number of sequences. */
  public int sequences() {
    return offsets.length - 1;
  }

  @Override
  public String toString() {
    return "TokenBatch[tokens=%d, sequences=%d, lossTerms=%d]"
        .formatted(tokens(), sequences(), lossTerms);
  }
}
