package io.github.sparklorafa.data;

/**
 * What is wrong with a row of a dataset.
 *
 * <p>Rows that merely have nothing to learn from are left out and counted; tokenised rows without a
 * loss term are counted and keep their places; rows that are wrong stop the run, because training
 * without them would hide a mistake in the dataset.
 */
public enum RowProblem {
  /** Null or without any token: no text, no completion, no ids, or a mask of zeros only. */
  EMPTY(Treatment.SKIP, "empty"),
  /** Text with tokens, but no loss: one token only, or the completion cut off. */
  NO_LOSS_TERM(Treatment.SKIP, "without a loss term"),
  /** Token ids without a loss: one token only, or all labels ignored. */
  NOTHING_LEARNED(Treatment.KEEP, "without a loss term"),
  /** Something to say about it is asked for, and the row has null there. */
  NO_LABEL(Treatment.SKIP, "without a label"),
  /** A class, label or target that the task does not have, or another number of them. */
  WRONG_LABEL(Treatment.REFUSE, "with labels that the task does not have"),
  /** A conversation that the chat template refuses. */
  UNFIT_CHAT(Treatment.REFUSE, "with conversations that cannot be rendered"),
  /** An id or a label that the model's embedding has no row for. */
  OUTSIDE_VOCABULARY(Treatment.REFUSE, "with ids outside the vocabulary"),
  /** {@code attention_mask} or {@code labels} of another length than {@code input_ids}. */
  LENGTH_MISMATCH(Treatment.REFUSE, "with columns of different lengths"),
  /**
   * An {@code attention_mask} with a value other than 0 and 1, or with zeros between ones, or a
   * null inside an array.
   */
  MALFORMED(Treatment.REFUSE, "malformed");

  /** What happens to such a row. */
  enum Treatment {
    KEEP,
    SKIP,
    REFUSE
  }

  private final Treatment treatment;
  private final String text;

  RowProblem(Treatment treatment, String text) {
    this.treatment = treatment;
    this.text = text;
  }

  Treatment treatment() {
    return treatment;
  }

  /** The problem in words, as it stands after "rows". */
  public String text() {
    return text;
  }
}
