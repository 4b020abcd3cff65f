package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.train.MemoryPlan;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.TrainConfig;
import java.util.OptionalLong;
import org.apache.spark.SparkConf;

/** What a worker may take outside the Java heap, and the micro-batch that fits into it. */
final class WorkerMemory {
  /** Of what a host has left: the rest is for what else runs on it. */
  private static final double SHARE = 0.8;

  private WorkerMemory() {}

  /** What was asked for or, without that, what a container grants; in bytes, 0 for neither. */
  static long limit(TrainConfig config, SparkConf conf) {
    return config.memory() > 0 ? config.memory() : ExecutorMemory.of(conf).overheadBytes();
  }

  /**
   * {@code config} with a micro-batch size in any case: where it is to be chosen, as many of the
   * sequences that a worker has in a step as fit, and at least one.
   */
  static TrainConfig chosen(
      TrainConfig config, ModelConfig shape, SparkConf conf, Problems problems) {
    if (config.microBatchSize() != TrainConfig.AUTO) {
      return config;
    }
    int most = (config.batchSize() + config.workers() - 1) / config.workers();
    long said = limit(config, conf);
    OptionalLong limit = said > 0 ? OptionalLong.of(said) : ofThisHost(config, conf);
    if (limit.isEmpty()) {
      problems.add(
          "Cannot choose a micro-batch size: nothing says what memory a worker may take under"
              + " master %s (say it with memory, or give a micro-batch size)",
          conf.get("spark.master", ""));
      return config.withMicroBatchSize(1);
    }
    int fits = MemoryPlan.largestMicroBatch(config, shape, limit.getAsLong(), most);
    return config.withMicroBatchSize(Math.max(1, fits));
  }

  /** Where all workers run on this host. */
  private static OptionalLong ofThisHost(TrainConfig config, SparkConf conf) {
    String master = conf.get("spark.master", "");
    if (!master.startsWith("local")) {
      return OptionalLong.empty();
    }
    boolean oneProcess = !master.startsWith("local-cluster");
    long heaps = oneProcess ? 0 : config.workers() * ExecutorMemory.of(conf).heapBytes();
    long left = (long) (SHARE * MachineCheck.availableBytes()) - heaps;
    return OptionalLong.of(Math.max(1, left / config.workers()));
  }
}
