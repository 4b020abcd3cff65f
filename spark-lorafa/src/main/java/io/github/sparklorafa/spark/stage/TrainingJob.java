package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.data.TokenStoreManifest;
import io.github.sparklorafa.spark.progress.ExecutorProblems;
import io.github.sparklorafa.spark.progress.ProgressReceiver;
import io.github.sparklorafa.spark.progress.RunEvents;
import io.github.sparklorafa.train.MetricsFile;
import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.Task;
import io.github.sparklorafa.train.TrainConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Fine-tunes a checkpoint, data-parallel over the executors of a Spark application. */
public final class TrainingJob {
  /** The class to name in {@code spark.plugins}, so that Spark's UI and metrics show training. */
  public static final String PLUGIN = RunEvents.PLUGIN;

  private TrainingJob() {}

  /**
   * Trains as {@code config} says, on {@code data}; {@code config.data()} and {@code
   * config.evalData()} are not read here.
   *
   * <p>Blocks the calling thread until the output is there. Workers that are lost make the training
   * stage start again, as often as {@code spark.stage.maxConsecutiveAttempts} allows; nothing of a
   * failed run stays on the output's file system.
   *
   * @throws IllegalArgumentException with all problems of the configuration, the cluster's
   *     settings, the columns and the paths, before any of Spark's stages; or for a row that can't
   *     be trained on
   * @throws io.github.sparklorafa.train.TrainingException with the first cause, if training fails
   */
  public static TrainingResult run(
      SparkSession spark,
      Dataset<Row> data,
      Optional<Dataset<Row>> evalData,
      TrainConfig config,
      List<ProgressListener> listeners) {
    JobPlan plan = JobPlan.checked(spark, data, evalData, config);
    ExecutorProblems.throwIfAny();
    RunEvents events = RunTexts.begin(spark.sparkContext(), plan);
    try {
      List<String> notes = RunTexts.notes(spark.sparkContext(), config, plan, events.run());
      TrainingResult result =
          trained(spark, data, evalData, plan, told(listeners, plan, events), notes);
      events.succeeded(plan.output(), result.summary().bestStep());
      return result;
    } catch (Throwable e) {
      events.failed(e);
      throw e;
    }
  }

  private static TrainingResult trained(
      SparkSession spark,
      Dataset<Row> data,
      Optional<Dataset<Row>> evalData,
      JobPlan plan,
      List<ProgressListener> listeners,
      List<String> notes) {
    RunHistory history = new RunHistory();
    try (Staging staging = Staging.beside(plan.output(), plan.hadoop());
        ProgressReceiver progress = ProgressReceiver.open(with(listeners, history))) {
      notes.forEach(progress::note);
      TokenStage tokens = new TokenStage(spark, plan, progress::note);
      TokenStoreManifest rows = tokens.store(data, staging.path("data"));
      Optional<String> evalStore = evalData.map(rowsToEvaluate -> staging.path("eval-data"));
      Optional<TokenStoreManifest> evalRows =
          evalStore.map(folder -> tokens.storeToEvaluate(evalData.orElseThrow(), folder));
      tokens.tables().forEach(table -> progress.note("Reads " + table));

      WorkerPlan worker =
          new WorkerPlan(
              plan.config(),
              plan.model(),
              plan.initAdapter(),
              staging.path("data"),
              evalStore,
              staging.path("result"),
              plan.checkpoints(),
              plan.resumeFrom(),
              plan.transport(),
              plan.allWorkersInOneProcess(),
              progress.name());
      List<WorkerResult> results = BarrierStage.run(spark, plan, worker, progress);

      WorkerResult.throwFirstFailure(results, progress.firstFailure());
      WorkerResult first = WorkerResult.ofRankZero(results);
      ResultCard.Made made =
          new ResultCard.Made(
              rows,
              evalRows,
              tokens.tables(),
              history,
              first.summary(),
              first.attempt() + 1,
              Versions.of(spark.sparkContext()));
      String result = "result-" + first.attempt();
      String manifest = staging.add(result, first.manifest(), () -> ResultCard.files(plan, made));
      staging.promote(result, manifest, plan.output());
      return new TrainingResult(
          plan.config().output(),
          rows.rows(),
          tokens.tables(),
          first.attempt() + 1,
          first.summary());
    }
  }

  /**
   * Looks at columns alone, without a session.
   *
   * @throws IllegalArgumentException if they give no rows that the task can be trained on
   */
  public static void checkColumns(StructType schema, Columns columns, Task task) {
    RowShape unused = RowColumns.shape(schema, columns, RowRules.kind(task));
  }

  private static List<ProgressListener> with(
      List<ProgressListener> listeners, ProgressListener another) {
    List<ProgressListener> all = new ArrayList<>(listeners);
    all.add(another);
    return all;
  }

  private static List<ProgressListener> told(
      List<ProgressListener> listeners, JobPlan plan, RunEvents events) {
    List<ProgressListener> all = with(listeners, events);
    String metrics = plan.config().metrics();
    if (!metrics.isEmpty()) {
      all.add(MetricsFile.create(Path.of(metrics)));
    }
    if (!plan.config().extras().tensorboard().isEmpty()) {
      all.add(BigDlJar.eventFiles(plan));
    }
    return all;
  }
}
