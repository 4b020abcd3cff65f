package io.github.sparklorafa.data;

/**
 * Why a row of a dataset gives no training example.
 *
 * <p>Rows that merely have nothing to learn from are left out and counted; rows that are wrong stop
 * the run, because training without them would hide a mistake in the dataset.
 */
public enum RowProblem {
  /** Null or without any token: no text, no completion, no ids, or a mask of zeros only. */
  EMPTY(Treatment.SKIP, "empty"),
  /** Tokens, but no loss: one token only, all labels ignored, or the completion cut off. */
  NO_LOSS_TERM(Treatment.SKIP, "without a loss term"),
  /** An id or a label that the model's embedding has no row for. */
  OUTSIDE_VOCABULARY(Treatment.REFUSE, "with ids outside the vocabulary"),
  /** {@code attention_mask} or {@code labels} of another length than {@code input_ids}. */
  LENGTH_MISMATCH(Treatment.REFUSE, "with columns of different lengths"),
  /** An {@code attention_mask} with a value other than 0 and 1, or a null inside an array. */
  MALFORMED(Treatment.REFUSE, "malformed");

  private enum Treatment {
    SKIP,
    REFUSE
  }

  private final Treatment treatment;
  private final String text;

  RowProblem(Treatment treatment, String text) {
    this.treatment = treatment;
    this.text = text;
  }

  /** Whether such a row is left out and counted; otherwise it stops the run. */
  public boolean isSkipped() {
    return treatment == Treatment.SKIP;
  }

  /** The problem in words, as it stands after "rows". */
  public String text() {
    return text;
  }
}
