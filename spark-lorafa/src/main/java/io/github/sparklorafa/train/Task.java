package io.github.sparklorafa.train;

/** What the model learns to do. */
public enum Task {
  /** Predict the next token. */
  CAUSAL_LM,
  /** Predict tokens that were masked. */
  MASKED_LM,
  /** Say something about a text as a whole: its class, its labels, or numbers. */
  SEQUENCE_CLASSIFICATION,
  /** Write a text for a text. */
  SEQ2SEQ;

  public static Task parse(String text) {
    return Texts.parse(Task.class, "task", text);
  }

  public String text() {
    return Texts.of(this);
  }
}
