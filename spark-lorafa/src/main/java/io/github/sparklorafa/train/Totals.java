package io.github.sparklorafa.train;

/**
 * What a run adds up over its steps, whichever attempt took them.
 *
 * @param steps that are done
 * @param tokens of all workers
 * @param firstLoss of the first step
 * @param lastLoss of the last step
 * @param evalLoss of the last evaluation
 */
record Totals(long steps, long tokens, double firstLoss, double lastLoss, double evalLoss) {
  static final Totals NONE = new Totals(0, 0, Double.NaN, Double.NaN, Double.NaN);

  Totals afterStep(double loss, long stepTokens) {
    return new Totals(
        steps + 1, tokens + stepTokens, steps == 0 ? loss : firstLoss, loss, evalLoss);
  }

  Totals afterEvaluation(double loss) {
    return new Totals(steps, tokens, firstLoss, lastLoss, loss);
  }
}
