package io.github.sparklorafa.examples;

import io.github.sparklorafa.infer.BeamSearch;
import io.github.sparklorafa.infer.GenerationConfig;
import io.github.sparklorafa.infer.TextMetric;
import io.github.sparklorafa.spark.stage.PredictConfig;
import io.github.sparklorafa.spark.stage.PredictJob;
import io.github.sparklorafa.spark.stage.TrainingJob;
import io.github.sparklorafa.spark.stage.TrainingResult;
import io.github.sparklorafa.train.Schedule;
import io.github.sparklorafa.train.Task;
import io.github.sparklorafa.train.TrainConfig;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Translates from English into Velian, a language with rules of its own, with a tiny T5.
 *
 * <pre>
 * spark-submit --master local[2] --jars spark-lorafa.jar \
 *   --class io.github.sparklorafa.examples.Translation examples.jar \
 *   examples/data/translation /tmp/translation
 * </pre>
 *
 * <p>The base can only gloss: it writes for each English word the Velian one, in the English order
 * and without endings. Fine-tuning teaches it the grammar. Each sentence has one right translation,
 * so that those of the held-out sentences can be checked letter by letter.
 */
public final class Translation {
  private static final int SHOWN = 4;

  private Translation() {}

  /**
   * How good translations of the held-out sentences are.
   *
   * @param bleu from 0 to 100, as sacreBLEU counts it
   * @param exact share of those without a mistake, from 0 to 1
   */
  record Score(double bleu, double exact) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "BLEU %.1f, %.1f %% exactly right", bleu, 100 * exact);
    }
  }

  /** Before and after. */
  record Result(Score before, Score after) {}

  /** Arguments: folder with base, train.csv and held-out.csv; folder for the adapter. */
  public static void main(String[] args) {
    if (args.length != 2) {
      System.err.println("Usage: Translation DATA OUTPUT");
      System.exit(2);
    }
    try (SparkSession spark = SparkSession.builder().appName("Translation").getOrCreate()) {
      Result unused = run(spark, args[0], args[1] + "/adapter", 400);
    }
  }

  static Result run(SparkSession spark, String data, String adapter, int steps) {
    Dataset<Row> heldOut = pairs(spark, data + "/held-out.csv").cache();
    GenerationConfig beams =
        GenerationConfig.greedy(24).with(new BeamSearch(4, 1, BeamSearch.EarlyStopping.TRUE));
    PredictConfig base = PredictConfig.of(data + "/base", beams);
    System.out.println("Before: the base alone");
    Score before = judge(spark, base, heldOut);

    TrainConfig config =
        TrainConfig.builder()
            .task(Task.SEQ2SEQ)
            .model(data + "/base")
            .data(data + "/train.csv")
            .output(adapter)
            .workers(2)
            .rank(16)
            .alpha(32)
            .batchSize(32)
            .microBatchSize(16)
            .maxSteps(steps)
            .learningRate(1e-2)
            .schedule(Schedule.COSINE)
            .warmupSteps(10)
            .build();
    TrainingResult trained =
        TrainingJob.run(
            spark, pairs(spark, data + "/train.csv"), Optional.empty(), config, List.of());
    System.out.printf(
        Locale.ROOT,
        "%d steps on %,d pairs: the loss went from %.2f to %.2f%n%n",
        trained.summary().steps(),
        trained.rows(),
        trained.summary().firstLoss(),
        trained.summary().lastLoss());

    System.out.println("After: with the adapter, beam search with 4 beams");
    Score after = judge(spark, base.withAdapter(trained.output()), heldOut);
    System.out.printf("before: %s%nafter:  %s%n", before, after);
    return new Result(before, after);
  }

  /** What to do stands before the sentence, as T5 was taught to read it. */
  private static Dataset<Row> pairs(SparkSession spark, String file) {
    return spark
        .read()
        .option("header", true)
        .csv(file)
        .selectExpr(
            "english",
            "concat('translate English to Velian: ', english) prompt",
            "velian completion");
  }

  private static Score judge(SparkSession spark, PredictConfig config, Dataset<Row> heldOut) {
    Dataset<Row> translated =
        PredictJob.complete(spark, heldOut.withColumnRenamed("completion", "right"), config)
            .cache();
    for (Row row : translated.select("english", "completion", "right").takeAsList(SHOWN)) {
      System.out.printf("  english   %s%n", row.getString(0));
      System.out.printf("  writes    %s%n", row.getString(1));
      System.out.printf("  right is  %s%n%n", row.getString(2));
    }
    Score score =
        new Score(
            measure(TextMetric.BLEU, translated), measure(TextMetric.EXACT_MATCH, translated));
    translated.unpersist();
    return score;
  }

  private static double measure(TextMetric metric, Dataset<Row> translated) {
    long[] counts = metric.none();
    for (Row row : translated.select("completion", "right").collectAsList()) {
      metric.add(counts, row.getString(0), row.getString(1));
    }
    return metric.value(counts);
  }
}
