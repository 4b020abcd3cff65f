package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.Problems;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Completes or answers prompts, classifies texts or measures perplexity, row by row in ordinary
 * tasks: as many as the cluster has slots, each retried alone if its executor is lost. The tasks of
 * one executor share one model.
 *
 * <p>Rows keep the order that training would give them, whatever the number of partitions; their
 * index in it decides the random numbers that they draw.
 */
public final class PredictJob {
  /** Why a text ended; see {@link io.github.sparklorafa.infer.FinishReason}. */
  public static final String FINISH_REASON = "finish_reason";

  /** Tokens that were written, or that a loss was measured on. */
  public static final String TOKENS = "tokens";

  /** Mean loss of a row's tokens, in nats. */
  public static final String LOSS = "loss";

  /** The exponential of the loss. */
  public static final String PERPLEXITY = "perplexity";

  /** Why a row has no loss, or null. */
  public static final String PROBLEM = "problem";

  /** A number for each label, before any softmax or sigmoid; of a regression the numbers. */
  public static final String LOGITS = "logits";

  /** A number from 0 to 1 for each label. */
  public static final String PROBABILITIES = "probabilities";

  /** The likeliest class, the labels that are likelier than not, or the first number. */
  public static final String PREDICTION = "prediction";

  private PredictJob() {}

  /**
   * The rows of {@code data} with three more columns: what was written after the prompt, {@value
   * #FINISH_REASON} and {@value #TOKENS}. A prompt is a text, a conversation that the chat template
   * writes but for the assistant's last turn, or an instruction in Alpaca's words. A null or empty
   * one, one that fills the positions of the model, and a conversation that the template refuses
   * have null and the reason.
   *
   * <p>Counts and orders the rows at once, and blocks for that; the model writes when the result is
   * read or stored, and again each time.
   *
   * @throws IllegalArgumentException with all problems of the columns and paths
   */
  public static Dataset<Row> complete(SparkSession spark, Dataset<Row> data, PredictConfig config) {
    Problems problems = new Problems();
    Configuration hadoop = spark.sessionState().newHadoopConf();
    CompleteTask task = CompleteTask.checked(data.schema(), config, hadoop, problems);
    StructType schema =
        PredictColumns.with(
            data.schema(),
            List.of(config.completionColumn(), FINISH_REASON, TOKENS),
            List.of(DataTypes.StringType, DataTypes.StringType, DataTypes.IntegerType),
            problems);
    problems.throwIfAny();
    return spark.createDataFrame(
        NumberedRows.of(spark, data, config.partitions(), config.batchSize()).mapPartitions(task),
        schema);
  }

  /**
   * The rows of {@code data} with four more columns: {@value #LOSS}, {@value #PERPLEXITY}, {@value
   * #TOKENS} and {@value #PROBLEM}. Rows are read and tokenised as training does. The loss of the
   * whole table is the mean over all tokens, not over rows.
   *
   * @param partitions tasks; 0 means so many that each slot gets some
   * @throws IllegalArgumentException with all problems of the columns and paths, or if the model
   *     does not write texts
   */
  public static Dataset<Row> perplexity(
      SparkSession spark, Dataset<Row> data, PerplexityConfig config, int partitions) {
    LossColumns columns = new LossColumns(LOSS, PERPLEXITY, TOKENS, PROBLEM);
    return LossPlan.dealtOut(spark, data, config, columns, partitions);
  }

  /**
   * The rows of {@code data} with three more columns: {@value #LOGITS}, {@value #PROBABILITIES}
   * (not of a regression) and {@value #PREDICTION}. What labels are, the adapter says, or else the
   * checkpoint. A row without a text has null in all of them.
   *
   * @param partitions tasks; 0 means so many that each slot gets some
   * @throws IllegalArgumentException with all problems of the columns and paths, or if the model
   *     does not classify
   */
  public static Dataset<Row> classify(
      SparkSession spark, Dataset<Row> data, ClassifyConfig config, int partitions) {
    ClassColumns columns =
        new ClassColumns(LOGITS, PROBABILITIES, PREDICTION, ClassColumns.Form.ARRAYS);
    return ClassifyPlan.dealtOut(spark, data, config, columns, partitions);
  }

  /**
   * The names of the classes that {@link #classify} predicts, by their index, as the checkpoint's
   * {@code id2label} has them; none where nobody named them, or where the adapter has a head of its
   * own.
   */
  public static List<String> classNames(SparkSession spark, Predictor predictor) {
    return InputChecks.classNames(predictor, spark.sessionState().newHadoopConf());
  }

  /** Waits until so many executors are there, but not for long, so that all get tasks. */
  public static void awaitExecutors(SparkSession spark, int count) {
    Cluster.of(spark.sparkContext(), count);
  }
}
