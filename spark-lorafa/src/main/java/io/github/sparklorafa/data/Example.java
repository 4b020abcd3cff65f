package io.github.sparklorafa.data;

import java.util.Arrays;
import java.util.Objects;

/**
 * One training sequence: its token ids, and what is to be learned about them.
 *
 * <p>Labels follow Hugging Face's convention. Those of {@link LabelKind#NEXT_TOKENS} belong to the
 * token at their own position, {@link #IGNORED} takes a position out of the loss, and the shift by
 * one (position {@code i} predicts {@code labels[i + 1]}) happens in {@link TokenBatch}; the first
 * label is therefore never trained. The arrays are not copied; nobody changes them.
 *
 * @param ids token ids, at least one
 * @param labels as many as ids where there is one for each; else at least one
 * @param kind what the labels are
 * @param second the first token of the second text of a pair, which some models are told; as many
 *     as ids where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // equals, hashCode and toString below go by content
public record Example(int[] ids, int[] labels, LabelKind kind, int second) {

  /** The label of a position without loss, as in PyTorch's cross-entropy. */
  public static final int IGNORED = -100;

  /** Checks that there are as many labels as their kind has, and where the second text begins. */
  public Example {
    boolean fits = kind.onePerId() ? ids.length == labels.length : labels.length > 0;
    if (ids.length == 0 || !fits) {
      throw new IllegalArgumentException(
          "Cannot make an example: %d ids and %d labels (one label for each of at least one id)"
              .formatted(ids.length, labels.length));
    }
    Objects.checkIndex(second, ids.length + 1);
  }

  /** An example of one text. */
  public Example(int[] ids, int[] labels, LabelKind kind) {
    this(ids, labels, kind, ids.length);
  }

  /** An example of a text whose next tokens are learned. */
  public Example(int[] ids, int[] labels) {
    this(ids, labels, LabelKind.NEXT_TOKENS);
  }

  /** An example with numbers that say something about it as a whole. */
  public static Example withNumbers(int[] ids, float... numbers) {
    int[] bits = new int[numbers.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(numbers[i]);
    }
    return new Example(ids, bits, LabelKind.NUMBERS);
  }

  /** The same as a pair of texts, whose second begins at a token. */
  public Example withSecond(int token) {
    return new Example(ids, labels, kind, token);
  }

  /** Whether there is a token of a second text. */
  boolean isPair() {
    return second < ids.length;
  }

  /** An example whose every token is learned: the labels are the ids. */
  public static Example of(int... ids) {
    return new Example(ids, ids);
  }

  /** Number of tokens that go through the model: those that are read and those that are written. */
  public int length() {
    return ids.length + (kind == LabelKind.WRITTEN ? labels.length : 0);
  }

  /**
   * Number of losses that are added up: labels that are not {@link #IGNORED}, without the first
   * where they are next tokens; one where the labels are numbers.
   */
  public int lossTerms() {
    if (kind == LabelKind.NUMBERS) {
      return 1;
    }
    int terms = 0;
    for (int i = kind == LabelKind.NEXT_TOKENS ? 1 : 0; i < labels.length; i++) {
      terms += labels[i] == IGNORED ? 0 : 1;
    }
    return terms;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Example example
        && kind == example.kind
        && second == example.second
        && Arrays.equals(ids, example.ids)
        && Arrays.equals(labels, example.labels);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(ids) + Arrays.hashCode(labels);
  }

  @Override
  public String toString() {
    return "Example[ids=%s, labels=%s, kind=%s, second=%d]"
        .formatted(Arrays.toString(ids), Arrays.toString(labels), kind, second);
  }
}
