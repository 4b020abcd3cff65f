package io.github.sparklorafa.train;

import io.github.sparklorafa.model.ModelConfig;

/**
 * The memory that one worker needs outside the Java heap, known from the model's shape and the
 * configuration alone; all in bytes. {@code MemoryPlanTest} compares it with a measured run.
 *
 * @param weights frozen ones, in the run's dtype. Mapped files count as if they were read: their
 *     pages can be given up, but each step wants them again
 * @param adapter every frozen A
 * @param trained fp32 masters, gradients and two moments, and the copy in the run's dtype
 * @param tape what is kept for the backward pass of one micro-batch of the longest rows
 * @param workspace the most that is in use for a moment beside the tape: a layer's or the output
 *     head's intermediates, and dropout's masks
 * @param process libtorch and the Java virtual machine themselves
 * @param spark what an executor has beside them: its classes, threads and network buffers
 */
public record MemoryPlan(
    long weights, long adapter, long trained, long tape, long workspace, long process, long spark) {
  /** Measured with a heap of 64 MB, of which hardly anything was in use. */
  private static final long PROCESS = 270_000_000;

  private static final long SPARK = 100_000_000;

  /** fp32 master, gradient, and two moments. */
  private static final long BYTES_A_TRAINED = 16;

  /** The plan for a worker that trains {@code model} as {@code config} says. */
  public static MemoryPlan of(TrainConfig config, ModelConfig model) {
    Numbers numbers = Numbers.of(config, model);
    TrainConfig fitted = config.fittedTo(model);
    long element = config.dtype().bytes();
    long copy = config.dtype().bytes() == Float.BYTES ? 0 : element;
    return new MemoryPlan(
        numbers.frozen() * element,
        numbers.frozenAdapter() * element,
        numbers.trained() * (BYTES_A_TRAINED + copy),
        TapePlan.bytes(fitted, model),
        Workspace.bytes(fitted, model),
        PROCESS,
        SPARK);
  }

  /** All parts together. */
  public long bytesOutsideHeap() {
    return weights + adapter + trained + tape + workspace + process + spark;
  }
}
