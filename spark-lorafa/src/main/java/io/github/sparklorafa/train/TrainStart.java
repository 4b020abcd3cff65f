package io.github.sparklorafa.train;

/**
 * What is known before the first step.
 *
 * @param steps of the run
 * @param workerRank of this worker
 * @param workers in the run
 * @param trainableParameters numbers that are trained
 * @param totalParameters numbers of the model and its adapter
 * @param bucketBytes of each all-reduce
 * @param stepsDone that an earlier attempt or run has taken
 */
public record TrainStart(
    long steps,
    int workerRank,
    int workers,
    long trainableParameters,
    long totalParameters,
    long bucketBytes,
    long stepsDone) {}
