package io.github.sparklorafa.train;

import java.io.Serializable;

/**
 * How a run ended, on one worker.
 *
 * @param steps that were taken, over all attempts
 * @param firstLoss of the first step
 * @param lastLoss of the last step
 * @param evalLoss of the last evaluation, or NaN without evaluation data
 * @param trainableParameters numbers that were trained
 * @param tokens of all workers
 * @param bucketBytes of each all-reduce
 * @param tapeBytes the most that this worker's tape held at once
 * @param seconds from this attempt's first step to the last
 * @param bestStep whose values are the result, or 0 where the last step's are
 * @param bestValue of the metric at that step, or NaN
 * @param skippedSteps that were left out, since their loss or gradient was not finite
 */
public record TrainSummary(
    long steps,
    double firstLoss,
    double lastLoss,
    double evalLoss,
    long trainableParameters,
    long tokens,
    long bucketBytes,
    long tapeBytes,
    double seconds,
    long bestStep,
    double bestValue,
    long skippedSteps)
    implements Serializable {}
