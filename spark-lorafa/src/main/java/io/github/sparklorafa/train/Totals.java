package io.github.sparklorafa.train;

/**
 * What a run adds up over its steps, whichever attempt took them.
 *
 * @param steps that are done
 * @param tokens of all workers
 * @param firstLoss of the first step
 * @param lastLoss of the last step
 * @param evalLoss of the last evaluation
 * @param skipped steps among them that changed nothing, since their loss or gradient was not finite
 * @param skippedInARow the last of these, without another step after them
 */
record Totals(
    long steps,
    long tokens,
    double firstLoss,
    double lastLoss,
    double evalLoss,
    long skipped,
    int skippedInARow) {
  static final Totals NONE = new Totals(0, 0, Double.NaN, Double.NaN, Double.NaN, 0, 0);

  Totals afterStep(double loss, long stepTokens) {
    return new Totals(
        steps + 1,
        tokens + stepTokens,
        steps == skipped ? loss : firstLoss,
        loss,
        evalLoss,
        skipped,
        0);
  }

  Totals afterSkip(long stepTokens) {
    return new Totals(
        steps + 1,
        tokens + stepTokens,
        firstLoss,
        lastLoss,
        evalLoss,
        skipped + 1,
        skippedInARow + 1);
  }

  /** Steps that changed what is trained. */
  long updates() {
    return steps - skipped;
  }

  Totals afterEvaluation(double loss) {
    return new Totals(steps, tokens, firstLoss, lastLoss, loss, skipped, skippedInARow);
  }
}
