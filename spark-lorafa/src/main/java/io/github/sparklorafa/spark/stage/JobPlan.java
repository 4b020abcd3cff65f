package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.RemoteFolder;
import io.github.sparklorafa.checkpoint.RemoteFolder.IfExists;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.train.Checkpointing;
import io.github.sparklorafa.train.DeviceChoice;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.Transport;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What the driver knows before the first stage, all of it checked.
 *
 * @param config as the user gave it, with a max length and a micro-batch size in any case
 * @param model complete URI of the base checkpoint
 * @param initAdapter complete URI of an adapter to start from
 * @param output complete URI
 * @param checkpoints complete URI of the folder for checkpoints of training
 * @param resumeFrom complete URI of the checkpoint, or folder of them, to go on from
 * @param shape of the model
 * @param cluster that trains
 * @param transport that carries the gradients
 * @param hadoop configuration of the session
 */
record JobPlan(
    TrainConfig config,
    String model,
    Optional<String> initAdapter,
    String output,
    Optional<String> checkpoints,
    Optional<String> resumeFrom,
    ModelConfig shape,
    Cluster cluster,
    Transport transport,
    Configuration hadoop) {
  /**
   * Checks slots, dynamic allocation, encryption, paths, columns, target modules and memory.
   *
   * @throws IllegalArgumentException with every problem, one a line
   */
  static JobPlan checked(
      SparkSession spark, Dataset<Row> data, Optional<Dataset<Row>> evalData, TrainConfig config) {
    Configuration hadoop = spark.sessionState().newHadoopConf();
    Cluster cluster = Cluster.of(spark.sparkContext(), config.workers());
    Problems problems = new Problems();
    cluster.check(config.workers(), problems);
    Transport transport =
        TransportChoice.of(
            config.synchronisation().transport(), cluster.conf(), config.workers(), problems);
    if (config.device() == DeviceChoice.CUDA) {
      problems.add("Cannot use device: cuda (this build holds CPU natives only; use auto or cpu)");
    }
    if (!config.extras().tensorboard().isEmpty()) {
      problems.collect(BigDlJar::eventFiles);
    }
    String model = collect(problems, () -> Locations.qualified(config.model(), hadoop));
    String output = collect(problems, () -> Locations.qualified(config.output(), hadoop));
    problems.collect(() -> RemoteFolder.checkOutput(config.output(), IfExists.REFUSE, hadoop));
    LabelKind kind = RowRules.kind(config.task());
    Optional<RowShape> rowShape =
        Optional.ofNullable(
            collect(problems, () -> RowColumns.shape(data, config.columns(), kind)));
    problems.collect(() -> evalData.ifPresent(rows -> checkToEvaluate(rows, config, kind)));
    Optional<String> initAdapter = Optional.empty();
    if (!config.initAdapter().isEmpty()) {
      initAdapter =
          Optional.ofNullable(
              collect(problems, () -> Locations.qualified(config.initAdapter(), hadoop)));
    }
    Checkpointing state = config.checkpointing();
    Optional<String> checkpoints =
        qualified(
            Optional.of(state.checkpointDir()).filter(dir -> !dir.isEmpty()), problems, hadoop);
    Optional<String> resumeFrom =
        state.resumes()
            ? qualified(state.resumePath(), problems, hadoop).or(() -> checkpoints)
            : Optional.empty();
    problems.collect(() -> ResumeChecks.check(state, config.maxSteps(), hadoop));
    ModelConfig shape = InputChecks.check(config, rowShape.map(RowShape::source), hadoop, problems);
    TrainConfig fitted = config;
    if (shape != null) {
      fitted = WorkerMemory.chosen(config.fittedTo(shape), shape, cluster.conf(), problems);
      ModelChecks.check(fitted, shape, cluster, problems);
    }
    problems.throwIfAny();
    return new JobPlan(
        fitted,
        model,
        initAdapter,
        output,
        checkpoints,
        resumeFrom,
        shape,
        cluster,
        transport,
        hadoop);
  }

  private static void checkToEvaluate(Dataset<Row> rows, TrainConfig config, LabelKind kind) {
    if (rows.schema().isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot read the evaluation set: it is empty, without a column or a row (look at the files"
              + " that it is read from)");
    }
    RowShape unused = RowColumns.shape(rows, config.columns(), kind);
  }

  /** Whether this is local mode, where all workers are threads of the driver. */
  boolean allWorkersInOneProcess() {
    return cluster.local();
  }

  private static <T> T collect(Problems problems, Supplier<T> check) {
    Object[] found = new Object[1];
    problems.collect(() -> found[0] = check.get());
    @SuppressWarnings("unchecked") // put there by the supplier, one line above
    T value = (T) found[0];
    return value;
  }

  private static Optional<String> qualified(
      Optional<String> location, Problems problems, Configuration hadoop) {
    return location.map(path -> collect(problems, () -> Locations.qualified(path, hadoop)));
  }
}
