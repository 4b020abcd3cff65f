package io.github.sparklorafa.train;

import io.github.sparklorafa.model.ModelConfig;

/**
 * The memory that one worker needs outside the Java heap, known from the model's shape and the
 * configuration alone; all in bytes. {@code MemoryPlanTest} compares it with a measured run.
 *
 * @param weights frozen ones, in the run's dtype or as the base's says. Mapped files count as if
 *     they were read: their pages can be given up, but each step wants them again
 * @param adapter every frozen A
 * @param trained fp32 masters of what is trained, their copy in the run's dtype and, where workers
 *     take steps by themselves, what all had before these
 * @param gradient in fp32
 * @param optimizer two moments in fp32
 * @param checkpoint worker 0's copy of what is trained and of the moments, written while training
 *     goes on; none without a folder for checkpoints
 * @param tape what is kept for the backward pass of one micro-batch of the longest rows
 * @param logits the output head's chunk of logits and what goes with it; not there while layers are
 *     worked on
 * @param workspace the most that a layer has in use for a moment beside the tape: its
 *     intermediates, and dropout's masks
 * @param process libtorch and the Java virtual machine themselves
 * @param spark what an executor has beside them: its classes, threads and network buffers
 */
public record MemoryPlan(
    long weights,
    long adapter,
    long trained,
    long gradient,
    long optimizer,
    long checkpoint,
    long tape,
    long logits,
    long workspace,
    long process,
    long spark) {
  /** Measured with a heap of 64 MB, of which hardly anything was in use. */
  private static final long PROCESS = 235_000_000;

  private static final long SPARK = 100_000_000;

  /** The plan for a worker that trains {@code model} as {@code config} says. */
  public static MemoryPlan of(TrainConfig given, ModelConfig model) {
    TrainConfig config = given.fittedTo(model);
    Numbers numbers = Numbers.of(config, model);
    long element = config.dtype().bytes();
    long copy = element == Float.BYTES ? 0 : element;
    long before = config.synchronisation().isLocal(config.workers()) ? Float.BYTES : 0;
    return new MemoryPlan(
        numbers.frozenBytes(),
        numbers.frozenAdapter() * element,
        numbers.trained() * (Float.BYTES + copy + before),
        numbers.trained() * Float.BYTES,
        numbers.trained() * 2 * Float.BYTES,
        config.checkpointing().writes() ? numbers.trained() * StateCopy.BYTES : 0,
        TapePlan.bytes(config, model),
        Workspace.head(config, model),
        Workspace.layer(config, model),
        PROCESS,
        SPARK);
  }

  /** All parts together, of head and layer the larger. */
  public long bytesOutsideHeap() {
    long training =
        trained + gradient + optimizer + checkpoint + tape + Math.max(logits, workspace);
    return weights + adapter + training + process + spark;
  }

  /**
   * The most sequences that a worker can take through {@code model} at once within {@code bytes}
   * outside the heap, up to {@code most}; 0 if one is too many.
   */
  public static int largestMicroBatch(TrainConfig config, ModelConfig model, long bytes, int most) {
    int fits = 0;
    int tooMany = most + 1;
    while (tooMany - fits > 1) {
      int tried = fits + (tooMany - fits) / 2;
      if (of(config.withMicroBatchSize(tried), model).bytesOutsideHeap() <= bytes) {
        fits = tried;
      } else {
        tooMany = tried;
      }
    }
    return fits;
  }
}
