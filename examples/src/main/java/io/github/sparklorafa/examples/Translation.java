package io.github.sparklorafa.examples;

import io.github.sparklorafa.spark.ml.LoraFaSeq2Seq;
import io.github.sparklorafa.spark.ml.LoraFaSeq2SeqModel;
import io.github.sparklorafa.spark.ml.TextEvaluator;
import java.util.Locale;
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

  /**
   * Arguments: folder with base, train.csv and held-out.csv; folder for the adapter, which all
   * executors see; and the number of steps, 400 if it is left out.
   */
  public static void main(String[] args) {
    if (args.length != 2 && args.length != 3) {
      System.err.println("Usage: Translation DATA OUTPUT [STEPS]");
      System.exit(2);
    }
    try (SparkSession spark = SparkSession.builder().appName("Translation").getOrCreate()) {
      run(spark, args[0], args[1], args.length == 3 ? Integer.parseInt(args[2]) : 400);
    }
  }

  private static void run(SparkSession spark, String data, String output, int steps) {
    Dataset<Row> training = pairs(spark, data + "/train.csv");
    Dataset<Row> heldOut = pairs(spark, data + "/held-out.csv").cache();
    System.out.println("Before: the base alone");
    Score before =
        judge(
            LoraFaSeq2SeqModel.of(data + "/base", "")
                .setNumBeams(4)
                .setEarlyStopping("true")
                .setMaxNewTokens(24),
            heldOut);

    LoraFaSeq2SeqModel model =
        new LoraFaSeq2Seq()
            .setModel(data + "/base")
            .setOutput(output)
            .setWorkers(2)
            .setRank(16)
            .setAlpha(32)
            .setBatchSize(32)
            .setMicroBatchSize(16)
            .setMaxSteps(steps)
            .setLearningRate(1e-2)
            .setSchedule("cosine")
            .setWarmupSteps(10)
            .setNumBeams(4)
            .setEarlyStopping("true")
            .setMaxNewTokens(24)
            .fit(training);
    double[] losses = model.summary().lossHistory();
    System.out.printf(
        Locale.ROOT,
        "%d steps on %,d pairs: the loss went from %.2f to %.2f%n%n",
        losses.length,
        model.summary().rows(),
        losses[0],
        losses[losses.length - 1]);

    System.out.println("After: with the adapter, beam search with 4 beams");
    Score after = judge(model, heldOut);
    System.out.printf("before: %s%nafter:  %s%n", before, after);
    System.out.printf("The adapter is in %s%n", model.folder());
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

  private static Score judge(LoraFaSeq2SeqModel model, Dataset<Row> heldOut) {
    Dataset<Row> translated = model.transform(heldOut).cache();
    for (Row row : translated.select("english", "prediction", "completion").takeAsList(SHOWN)) {
      System.out.printf("  english   %s%n", row.getString(0));
      System.out.printf("  writes    %s%n", row.getString(1));
      System.out.printf("  right is  %s%n%n", row.getString(2));
    }
    TextEvaluator evaluator = new TextEvaluator().setLabelCol("completion");
    Score score =
        new Score(
            evaluator.setMetricName("bleu").evaluate(translated),
            evaluator.setMetricName("exact_match").evaluate(translated));
    translated.unpersist();
    return score;
  }
}
