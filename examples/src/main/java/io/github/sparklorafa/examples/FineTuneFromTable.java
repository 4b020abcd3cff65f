package io.github.sparklorafa.examples;

import io.github.sparklorafa.spark.stage.TrainingJob;
import io.github.sparklorafa.spark.stage.TrainingResult;
import io.github.sparklorafa.train.ConsoleProgress;
import io.github.sparklorafa.train.TrainConfig;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Fine-tunes a checkpoint with LoRA-FA on questions and answers that lie in a table of the catalog.
 *
 * <pre>
 * spark-submit --jars spark-lorafa.jar --class io.github.sparklorafa.examples.FineTuneFromTable \
 *   examples.jar /models/tiny support.answered_questions /out/adapter
 * </pre>
 *
 * <p>The table has the columns {@code question} and {@code answer}; one row in ten is held out to
 * measure the loss on.
 */
public final class FineTuneFromTable {
  private FineTuneFromTable() {}

  /** Arguments: checkpoint folder, table, folder for the adapter. */
  public static void main(String[] args) {
    if (args.length != 3) {
      System.err.println("Usage: FineTuneFromTable MODEL TABLE OUTPUT");
      System.exit(2);
    }
    try (SparkSession spark = SparkSession.builder().appName("FineTuneFromTable").getOrCreate()) {
      TrainingResult result = fineTune(spark, args[0], args[1], args[2], 200);
      System.out.printf(
          "The adapter is in %s; its loss on the held-out rows is %.4f%n",
          result.output(), result.summary().evalLoss());
    }
  }

  /** Trains {@code steps} steps on two executors; other settings keep their defaults. */
  static TrainingResult fineTune(
      SparkSession spark, String model, String table, String output, int steps) {
    Dataset<Row> rows =
        spark
            .table(table)
            .where("answer is not null")
            .selectExpr("concat(question, '\\n') prompt", "answer completion");
    // By content, so that a row stays on its side whenever and wherever this runs.
    String heldOut = "pmod(xxhash64(prompt), 10) = 0";
    TrainConfig config =
        TrainConfig.builder()
            .model(model)
            .data(table)
            .output(output)
            .workers(2)
            .rank(8)
            .batchSize(16)
            .microBatchSize(8)
            .maxSteps(steps)
            .learningRate(2e-3)
            .build();
    return TrainingJob.run(
        spark,
        rows.where("not " + heldOut),
        Optional.of(rows.where(heldOut)),
        config,
        List.of(ConsoleProgress.onStandardOutput()));
  }
}
