package io.github.sparklorafa.train;

import java.util.Map;

/**
 * One pass over the evaluation data.
 *
 * @param step after which it ran
 * @param epoch passes over the training data so far
 * @param evalLoss mean over the loss terms of all workers
 * @param seconds that it took
 * @param scores values of other metrics, by the names of {@link MetricForBest}: {@code perplexity},
 *     {@code accuracy}, {@code bleu}; those that the task has, and for texts that are to be written
 *     only if one of them tells the best step
 */
public record EvaluationReport(
    long step, double epoch, double evalLoss, double seconds, Map<String, Double> scores) {}
