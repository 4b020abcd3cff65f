package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** A cluster of executor JVMs on the loopback address, and a small run for it. */
final class TrainingCluster implements AutoCloseable {
  private final SparkSession spark;

  /** What a listener heard. */
  static final class Heard implements ProgressListener {
    final List<RunStart> starts = new ArrayList<>();
    final List<StepReport> steps = new ArrayList<>();

    @Override
    public synchronized void onStart(RunStart start) {
      starts.add(start);
      steps.removeIf(step -> step.step() > start.stepsDone());
    }

    @Override
    public synchronized void onStep(StepReport report) {
      steps.add(report);
    }

    synchronized List<Double> losses() {
      return steps.stream().map(StepReport::loss).toList();
    }
  }

  private TrainingCluster(SparkSession spark) {
    this.spark = spark;
  }

  /** On a local cluster, with all the executors that its name says. */
  static TrainingCluster start(String master, String... settings) {
    int executors = Integer.parseInt(master.replaceAll(".*\\[(\\d+),.*", "$1"));
    return start(master, executors, settings);
  }

  static TrainingCluster start(String master, int executors, String... settings) {
    SparkSession.Builder builder =
        SparkSession.builder()
            .master(master)
            .appName("TrainingCluster")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.executor.memory", "1g")
            .config("spark.executor.extraClassPath", System.getProperty("spark-lorafa.jar"))
            .config("spark.sql.shuffle.partitions", 3)
            .config("spark.ui.enabled", "false");
    for (int i = 0; i < settings.length; i += 2) {
      builder.config(settings[i], settings[i + 1]);
    }
    SparkSession spark = builder.getOrCreate();
    // Beside other builds an executor may take long to start.
    for (int i = 0; i < 600 && executors(spark) < executors; i++) {
      LockSupport.parkNanos(100_000_000);
    }
    return new TrainingCluster(spark);
  }

  private static int executors(SparkSession spark) {
    return spark.sparkContext().statusTracker().getExecutorInfos().length - 1;
  }

  static Path reference(String name) {
    try {
      return Path.of(TrainingCluster.class.getResource("/reference/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  SparkSession spark() {
    return spark;
  }

  /** Rows of token ids, of lengths 3 to 20, the same ones at every call. */
  Dataset<Row> rows(int count) {
    List<Row> rows = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      List<Integer> ids = new ArrayList<>();
      for (int i = 0; i < 3 + row % 18; i++) {
        ids.add(1 + (row * 31 + i * i * 7) % 96);
      }
      rows.add(RowFactory.create(ids));
    }
    return spark.createDataFrame(rows, StructType.fromDDL("input_ids array<int>"));
  }

  static TrainConfigBuilder config(Path output) {
    return TrainConfig.builder()
        .model(reference("llama-gqa").toString())
        .data("given")
        .output(output.toString())
        .rank(4)
        .batchSize(5)
        .microBatchSize(2)
        .learningRate(0.01)
        .maxSteps(20);
  }

  TrainingResult train(TrainConfig config, Dataset<Row> rows, ProgressListener... listeners) {
    return TrainingJob.run(spark, rows, Optional.empty(), config, List.of(listeners));
  }

  /** The processes of the executors that are alive. */
  static List<ProcessHandle> executors() {
    return ProcessHandle.current()
        .descendants()
        .filter(
            process ->
                process
                    .info()
                    .commandLine()
                    .filter(line -> line.contains("CoarseGrainedExecutorBackend"))
                    .isPresent())
        .toList();
  }

  @Override
  public void close() {
    spark.stop();
  }
}
