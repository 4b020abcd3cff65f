package io.github.sparklorafa.data;

/** What the labels of an {@link Example} are. */
public enum LabelKind {
  /**
   * A token for each id, at its position; the loss shifts them by one, so that each position
   * predicts the next.
   */
  NEXT_TOKENS,
  /** A token for each id, which this position itself predicts, as where a token was masked. */
  SAME_TOKENS,
  /** The tokens of another text, of any length, which a decoder writes. */
  WRITTEN,
  /**
   * Numbers that say something about the row as a whole, each as {@link Float#floatToIntBits} has
   * it.
   */
  NUMBERS;

  /** Whether there is one label for each id. */
  boolean onePerId() {
    return this == NEXT_TOKENS || this == SAME_TOKENS;
  }
}
