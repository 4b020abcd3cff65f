package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.ModelConfigParser;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.train.MemoryPlan;
import io.github.sparklorafa.train.MethodPlan;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.TrainConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/**
 * The memory that a run needs, and the settings that grant it; found without starting Spark.
 *
 * @param config with a max length and a micro-batch size in any case
 * @param shape of the model
 * @param memory of one worker; each executor has one
 * @param heapBytes of an executor as the settings say
 * @param grantedBytes that its container has outside the heap; 0 where there is no container
 * @param note about what may be asked, but is unusual
 */
public record TrainingPlan(
    TrainConfig config,
    ModelConfig shape,
    MemoryPlan memory,
    long heapBytes,
    long grantedBytes,
    Optional<String> note) {
  private static final long MIB = 1 << 20;

  /** Sizes are rounded up to this. */
  private static final long STEP_MIB = 64;

  /**
   * Reads the model's {@code config.json}.
   *
   * @throws IllegalArgumentException if there is none, or it is not one that can be trained so
   */
  public static TrainingPlan of(SparkConf conf, TrainConfig config) {
    Configuration hadoop = new Configuration();
    for (Tuple2<String, String> setting : conf.getAllWithPrefix("spark.hadoop.")) {
      hadoop.set(setting._1(), setting._2());
    }
    ModelConfig shape =
        ModelConfigParser.fromJson(Locations.read(config.model(), Locations.MODEL_CONFIG, hadoop))
            .with(config.objective());
    Problems problems = new Problems();
    ModelChecks.checkModules(config, shape, problems);
    ModelChecks.checkLength(config.maxLength(), shape, problems);
    TrainConfig chosen = WorkerMemory.chosen(config.fittedTo(shape), shape, conf, problems);
    problems.throwIfAny();
    return of(conf, chosen, shape);
  }

  static TrainingPlan of(SparkConf conf, TrainConfig config, ModelConfig shape) {
    TrainConfig fitted = config.fittedTo(shape);
    ExecutorMemory executor = ExecutorMemory.of(conf);
    return new TrainingPlan(
        fitted,
        shape,
        MemoryPlan.of(fitted, shape),
        executor.heapBytes(),
        executor.overheadBytes(),
        ModelChecks.lengthNote(config.maxLength(), shape));
  }

  /** What is wrong with the settings; empty if they are enough, or if nothing limits executors. */
  public Optional<String> problem() {
    long needed = memory.bytesOutsideHeap();
    if (grantedBytes > 0 && needed > grantedBytes) {
      return Optional.of(
          ("Cannot fit a worker: about %d MiB outside the heap are needed, and the executor's"
                  + " container grants %d MiB (set %s=%dm or more, or a smaller micro-batch size or"
                  + " max length, or recompute more; the plan command shows what needs it)")
              .formatted(needed / MIB, grantedBytes / MIB, ExecutorMemory.OVERHEAD, overheadMib()));
    }
    return config.memory() == 0 || needed <= config.memory()
        ? Optional.empty()
        : Optional.of(
            ("Cannot fit a worker: about %d MiB outside the heap are needed, and memory allows %d"
                    + " MiB (allow more, or a smaller micro-batch size or max length, or recompute"
                    + " more; the plan command shows what needs it)")
                .formatted(needed / MIB, config.memory() / MIB));
  }

  /** The same and other ways to train, side by side. */
  public List<MethodPlan> methods() {
    return MethodPlan.compare(config, shape, config.memory() > 0 ? config.memory() : grantedBytes);
  }

  /** The Spark settings that grant the memory, by name. */
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("spark.executor.instances", Integer.toString(config.workers()));
    settings.put("spark.dynamicAllocation.enabled", "false");
    settings.put(ExecutorMemory.HEAP, heapBytes / MIB + "m");
    settings.put(ExecutorMemory.OVERHEAD, overheadMib() + "m");
    return settings;
  }

  /** Bytes that a host needs for an executor. */
  public long executorBytes() {
    return heapBytes + memory.bytesOutsideHeap();
  }

  private long overheadMib() {
    long steps = (memory.bytesOutsideHeap() + STEP_MIB * MIB - 1) / (STEP_MIB * MIB);
    return steps * STEP_MIB;
  }
}
