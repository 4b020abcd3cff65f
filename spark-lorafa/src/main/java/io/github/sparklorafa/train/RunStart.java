package io.github.sparklorafa.train;

/**
 * What is known when training begins.
 *
 * @param attempt 0, or how often training has begun before
 * @param workers that train together
 * @param steps that the run has
 * @param trainableParameters numbers that are trained
 * @param totalParameters numbers of the model and its adapter
 * @param stepsDone that an earlier attempt or run has taken; this one goes on with the next
 */
public record RunStart(
    int attempt,
    int workers,
    long steps,
    long trainableParameters,
    long totalParameters,
    long stepsDone) {}
