package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LinearShape;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.Recompute;
import io.github.sparklorafa.train.TapePlan;
import io.github.sparklorafa.train.TrainConfig;
import java.util.Map;

/** What follows from a model's shape alone, without its weights. */
final class ModelChecks {
  /** fp32 master, gradient, and two moments. */
  private static final long BYTES_A_TRAINABLE = 16;

  private static final long ROWS_OF_A_LOGIT_CHUNK = 256;
  private static final long LIBRARY_BYTES = 400L << 20;

  private ModelChecks() {}

  static void check(TrainConfig config, LlamaConfig shape, Cluster cluster, Problems problems) {
    if (config.method() != Method.FULL) {
      new TargetChecks(
              config.adapter(), shape.numHiddenLayers(), shape.linears().keySet(), problems)
          .check();
    }
    long granted = cluster.containerBytesOutsideHeap();
    long needed = bytesOutsideHeap(config, shape);
    if (granted > 0 && needed > granted) {
      problems.add(
          "Cannot fit a worker: about %d MiB outside the heap are needed, and the executor's"
              + " container grants %d MiB (set spark.executor.memoryOverhead=%dm or more, or a"
              + " smaller micro-batch size or max length)",
          needed >> 20, granted >> 20, (needed >> 20) + 1);
    }
  }

  /**
   * An estimate from above: weights, what is trained, a micro-batch of the longest rows, and slack.
   */
  static long bytesOutsideHeap(TrainConfig config, LlamaConfig shape) {
    long embedding = (long) shape.vocabSize() * shape.hiddenSize();
    long weights = embedding * (shape.tieWordEmbeddings() ? 1 : 2);
    long trained = 0;
    for (int layer = 0; layer < shape.numHiddenLayers(); layer++) {
      for (Map.Entry<String, LinearShape> linear : shape.linears().entrySet()) {
        long in = linear.getValue().in();
        long out = linear.getValue().out();
        String name = "model.layers." + layer + "." + linear.getKey();
        weights += linear.getValue().count();
        trained += saved(config, name) ? in * out : 0;
        if (config.adapter().adapts(name)) {
          trained +=
              config.adapter().rankOf(name) * (config.method() == Method.LORA ? in + out : out);
        }
      }
    }
    trained += saved(config, "model.embed_tokens") ? embedding : 0;
    trained += saved(config, "lm_head") ? embedding : 0;
    long trainables = config.method() == Method.FULL ? weights : trained;
    long tokens = (long) config.microBatchSize() * config.maxLength();
    return weights * config.dtype().bytes()
        + trainables * BYTES_A_TRAINABLE
        + tokens
            * TapePlan.bytesPerToken(
                shape, config.method(), config.adapter(), config.dtype(), Recompute.NONE)
        + ROWS_OF_A_LOGIT_CHUNK * shape.vocabSize() * Float.BYTES
        + LIBRARY_BYTES;
  }

  private static boolean saved(TrainConfig config, String module) {
    return config.adapter().saves(module);
  }
}
