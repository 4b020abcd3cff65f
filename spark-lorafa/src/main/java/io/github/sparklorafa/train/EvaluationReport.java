package io.github.sparklorafa.train;

/**
 * One pass over the evaluation data.
 *
 * @param step after which it ran
 * @param epoch passes over the training data so far
 * @param evalLoss mean over the loss terms of all workers
 * @param seconds that it took
 */
public record EvaluationReport(long step, double epoch, double evalLoss, double seconds) {}
