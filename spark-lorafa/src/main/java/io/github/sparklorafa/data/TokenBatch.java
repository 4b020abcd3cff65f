package io.github.sparklorafa.data;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * A micro-batch: its sequences one after the other, without padding; the documents of a packed
 * sequence are sequences of their own here.
 *
 * @param ids token ids [tokens]
 * @param types 1 for each token of the second text of a pair, 0 for all others [tokens]; empty
 *     where all are 0
 * @param targets what is to be learned [targets], sequence by sequence. Where it is next tokens,
 *     what each position predicts [tokens]: the label of the next position of the same sequence,
 *     {@link Example#IGNORED} at the end of each sequence; else the labels as they are
 * @param offsets where each sequence starts [sequences + 1]: sequence {@code s} has the positions
 *     {@code offsets[s] … offsets[s + 1] − 1}
 * @param targetOffsets where the targets of each sequence start [sequences + 1]
 * @param documents a number for each sequence that tells it from all others of the data [sequences]
 * @param lossTerms number of losses that are added up
 * @param kind of the targets
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody, and too large to copy
public record TokenBatch(
    int[] ids,
    int[] types,
    int[] targets,
    int[] offsets,
    int[] targetOffsets,
    long[] documents,
    int lossTerms,
    LabelKind kind) {

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
    LabelKind kind = examples.get(0).kind();
    if (examples.stream().anyMatch(example -> example.kind() != kind)) {
      throw new IllegalArgumentException(
          "Cannot make a batch: its examples have labels of more than one kind (use one task)");
    }
    int[] offsets = offsets(examples, Example::ids);
    int[] targetOffsets = kind.onePerId() ? offsets : offsets(examples, Example::labels);
    int[] ids = new int[offsets[examples.size()]];
    int[] targets = new int[targetOffsets[examples.size()]];
    // A position that predicts the next one has the label one further on.
    int shift = kind == LabelKind.NEXT_TOKENS ? 1 : 0;
    Arrays.fill(targets, Example.IGNORED);
    int lossTerms = 0;
    for (int s = 0; s < examples.size(); s++) {
      Example example = examples.get(s);
      int[] labels = example.labels();
      System.arraycopy(example.ids(), 0, ids, offsets[s], example.ids().length);
      System.arraycopy(labels, shift, targets, targetOffsets[s], labels.length - shift);
      lossTerms += example.lossTerms();
    }
    return new TokenBatch(
        ids, types(examples, offsets), targets, offsets, targetOffsets, documents, lossTerms, kind);
  }

  private static int[] types(List<Example> examples, int[] offsets) {
    if (examples.stream().noneMatch(Example::isPair)) {
      return new int[0];
    }
    int[] types = new int[offsets[examples.size()]];
    for (int s = 0; s < examples.size(); s++) {
      Arrays.fill(types, offsets[s] + examples.get(s).second(), offsets[s + 1], 1);
    }
    return types;
  }

  private static int[] offsets(List<Example> examples, Function<Example, int[]> numbers) {
    int[] offsets = new int[examples.size() + 1];
    for (int s = 0; s < examples.size(); s++) {
      offsets[s + 1] = Math.addExact(offsets[s], numbers.apply(examples.get(s)).length);
    }
    return offsets;
  }

  /** The targets as numbers, where they say something about sequences as a whole. */
  public float[] numbers() {
    float[] numbers = new float[targets.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Float.intBitsToFloat(targets[i]);
    }
    return numbers;
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
