package io.github.sparklorafa.train;

import io.github.sparklorafa.model.LinearShape;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.model.ModelConfig;
import java.util.Map;

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
 *     head's intermediates
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

  /** Rows of queries that are worked on at once. */
  private static final long BLOCK = 256;

  /** Rows of logits that are. */
  private static final long CHUNK = 128;

  private static final long SOFTMAX_ROWS = 16;

  /** The plan for a worker that trains {@code shape} as {@code config} says. */
  public static MemoryPlan of(TrainConfig config, ModelConfig model) {
    LlamaConfig shape = (LlamaConfig) model;
    Numbers numbers = Numbers.of(config, shape);
    long element = config.dtype().bytes();
    long copy = config.dtype().bytes() == Float.BYTES ? 0 : element;
    long tokens = (long) config.microBatchSize() * config.maxLength();
    long bytesPerToken =
        TapePlan.bytesPerToken(
            shape, config.method(), config.adapter(), config.dtype(), Recompute.NONE);
    return new MemoryPlan(
        numbers.frozen() * element,
        numbers.frozenAdapter() * element,
        numbers.trained() * (BYTES_A_TRAINED + copy),
        tokens * bytesPerToken,
        workspace(config, shape, tokens),
        PROCESS,
        SPARK);
  }

  /** All parts together. */
  public long bytesOutsideHeap() {
    return weights + adapter + trained + tape + workspace + process + spark;
  }

  private static long workspace(TrainConfig config, LlamaConfig shape, long tokens) {
    long element = config.dtype().bytes();
    long stream = tokens * shape.hiddenSize() * element;
    long head =
        CHUNK * shape.vocabSize() * element
            + SOFTMAX_ROWS * shape.vocabSize() * Float.BYTES
            + 2 * stream;
    long mlp = tokens * shape.intermediateSize() * element + 4 * stream;
    long rows = Math.min(BLOCK, config.maxLength());
    long scores = shape.numAttentionHeads() * rows * config.maxLength() * element;
    long widths = 2L * shape.queryWidth() + 2L * shape.keyValueWidth();
    long attention = 2 * scores + tokens * widths * element + 3 * stream;
    return Math.max(head, Math.max(mlp, attention));
  }

  /** How many numbers there are of each kind. */
  private record Numbers(long frozen, long frozenAdapter, long trained) {
    static Numbers of(TrainConfig config, LlamaConfig shape) {
      long embedding = (long) shape.vocabSize() * shape.hiddenSize();
      long base = embedding * (shape.tieWordEmbeddings() ? 1 : 2);
      long saved = config.adapter().saves("model.embed_tokens") ? embedding : 0;
      saved += config.adapter().saves("lm_head") ? embedding : 0;
      long a = 0;
      long b = 0;
      for (int layer = 0; layer < shape.numHiddenLayers(); layer++) {
        for (Map.Entry<String, LinearShape> linear : shape.linears().entrySet()) {
          String name = "model.layers." + layer + "." + linear.getKey();
          long in = linear.getValue().in();
          long out = linear.getValue().out();
          base += linear.getValue().count();
          saved += config.adapter().saves(name) ? in * out : 0;
          if (config.adapter().adapts(name)) {
            a += config.adapter().rankOf(name) * in;
            b += config.adapter().rankOf(name) * out;
          }
        }
      }
      return switch (config.method()) {
        case FULL -> new Numbers(0, 0, base);
        case LORA -> new Numbers(Math.max(0, base - saved), 0, a + b + saved);
        case LORA_FA -> new Numbers(Math.max(0, base - saved), a, b + saved);
      };
    }
  }
}
