package io.github.sparklorafa.bigdl;

import io.github.sparklorafa.spark.stage.TrainingJob;
import io.github.sparklorafa.spark.stage.TrainingResult;
import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.io.File;
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

/** Executors with both jars, and a small run for them. */
final class BigDlCluster implements AutoCloseable {
  private static final Path REPOSITORY = Path.of(System.getProperty("spark-lorafa.repository"));

  private final SparkSession spark;

  /** What a listener heard. */
  static class Heard implements ProgressListener {
    final List<RunStart> starts = new ArrayList<>();
    final List<StepReport> steps = new ArrayList<>();
    final List<String> notes = new ArrayList<>();

    @Override
    public synchronized void onStart(RunStart start) {
      starts.add(start);
      steps.removeIf(step -> step.step() > start.stepsDone());
    }

    @Override
    public synchronized void onStep(StepReport report) {
      steps.add(report);
    }

    @Override
    public synchronized void onNote(String note) {
      notes.add(note);
    }

    synchronized double[] losses() {
      return steps.stream().mapToDouble(StepReport::loss).toArray();
    }
  }

  private BigDlCluster(SparkSession spark) {
    this.spark = spark;
  }

  /** On a master such as {@code local[2]} or {@code local-cluster[2,1,1024]}. */
  static BigDlCluster start(String master, String... settings) {
    SparkSession.Builder builder =
        SparkSession.builder()
            .master(master)
            .appName("BigDlCluster")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.executor.memory", "1g")
            .config("spark.executor.extraClassPath", executorClassPath())
            .config("spark.sql.shuffle.partitions", 3)
            .config("spark.ui.enabled", "false");
    for (int i = 0; i < settings.length; i += 2) {
      builder.config(settings[i], settings[i + 1]);
    }
    SparkSession spark = builder.getOrCreate();
    int executors =
        master.startsWith("local-cluster")
            ? Integer.parseInt(master.replaceAll(".*\\[(\\d+),.*", "$1"))
            : 0;
    // Beside other builds an executor may take long to start.
    for (int i = 0; i < 600 && executors(spark) < executors; i++) {
      LockSupport.parkNanos(100_000_000);
    }
    return new BigDlCluster(spark);
  }

  private static int executors(SparkSession spark) {
    return spark.sparkContext().statusTracker().getExecutorInfos().length - 1;
  }

  /** Both jars, and these tests, for what they ask of executors. */
  private static String executorClassPath() {
    String jar = System.getProperty("spark-lorafa.jar");
    Path bigdl =
        REPOSITORY.resolve(
            "spark-lorafa-bigdl/target/"
                + Path.of(jar).getFileName().toString().replace("lorafa-", "lorafa-bigdl-"));
    String tests = BigDlCluster.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return String.join(File.pathSeparator, jar, bigdl.toString(), tests);
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
        .model(REPOSITORY.resolve("spark-lorafa/src/test/resources/reference/llama-gqa").toString())
        .data("given")
        .output(output.toString())
        .rank(16)
        .batchSize(5)
        .microBatchSize(2)
        .learningRate(0.01)
        .maxSteps(20);
  }

  Heard train(TrainConfig config) {
    return train(config, new Heard());
  }

  Heard train(TrainConfig config, Heard heard) {
    TrainingResult unused =
        TrainingJob.run(spark, rows(23), Optional.of(rows(4)), config, List.of(heard));
    return heard;
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
