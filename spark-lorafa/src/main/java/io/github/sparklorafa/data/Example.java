package io.github.sparklorafa.data;

import java.util.Arrays;

/**
 * One training sequence: its token ids and, at the same positions, its labels.
 *
 * <p>Labels follow Hugging Face's convention: {@code labels[i]} belongs to the token {@code
 * ids[i]}, {@link #IGNORED} takes a position out of the loss, and the shift by one (position {@code
 * i} predicts {@code labels[i + 1]}) happens in {@link TokenBatch}. The first label is therefore
 * never trained. The arrays are not copied; nobody changes them.
 *
 * @param ids token ids, at least one
 * @param labels labels, as many as ids
 */
@SuppressWarnings("ArrayRecordComponent") // equals, hashCode and toString below go by content
public record Example(int[] ids, int[] labels) {

  /** The label of a position without loss, as in PyTorch's cross-entropy. */
  public static final int IGNORED = -100;

  /** Checks that there is one label for each id. */
  public Example {
    if (ids.length == 0 || ids.length != labels.length) {
      throw new IllegalArgumentException(
          "Cannot make an example: %d ids and %d labels (one label for each of at least one id)"
              .formatted(ids.length, labels.length));
    }
  }

  /** An example whose every token is learned: the labels are the ids. */
  public static Example of(int... ids) {
    return new Example(ids, ids);
  }

  /** Number of tokens. */
  public int length() {
    return ids.length;
  }

  /** Number of positions with a loss: labels after the first that are not {@link #IGNORED}. */
  public int lossTerms() {
    int terms = 0;
    for (int i = 1; i < labels.length; i++) {
      terms += labels[i] == IGNORED ? 0 : 1;
    }
    return terms;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Example example
        && Arrays.equals(ids, example.ids)
        && Arrays.equals(labels, example.labels);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(ids) + Arrays.hashCode(labels);
  }

  @Override
  public String toString() {
    return "Example[ids=%s, labels=%s]".formatted(Arrays.toString(ids), Arrays.toString(labels));
  }
}
