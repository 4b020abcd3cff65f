package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.Task;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Completes or answers prompts, conversations and instructions as a part of a query: no job of its
 * own, and rows stay in their partitions and their order. {@link PredictJob} deals rows out anew
 * instead.
 *
 * <p>A row's random numbers come from a hash of its prompt and the seed, so that equal prompts get
 * equal texts wherever they stand.
 */
public final class CompletionPlan {
  private CompletionPlan() {}

  /**
   * The columns that come out.
   *
   * @param names of the columns to answer
   * @param task that the model was made for
   * @throws IllegalArgumentException with all problems: nothing to answer, or new columns that are
   *     there already
   */
  public static StructType schema(
      StructType schema, Columns names, CompletionColumns columns, Task task) {
    Problems problems = new Problems();
    StructType more = added(schema, columns, problems);
    if (!more.equals(schema)) {
      problems.collect(() -> RowColumns.toAnswer(schema, names, RowRules.kind(task)));
    }
    problems.throwIfAny();
    return more;
  }

  /**
   * The same without a look at the prompts, for rows that a model is to be trained on.
   *
   * @throws IllegalArgumentException with all new columns that are there already
   */
  public static StructType added(StructType schema, CompletionColumns columns) {
    Problems problems = new Problems();
    StructType more = added(schema, columns, problems);
    problems.throwIfAny();
    return more;
  }

  private static StructType added(StructType schema, CompletionColumns columns, Problems problems) {
    return PredictColumns.withNamed(
        schema,
        List.of(columns.text(), columns.finishReason(), columns.tokens()),
        List.of(DataTypes.StringType, DataTypes.StringType, DataTypes.IntegerType),
        problems);
  }

  /**
   * The rows of {@code data} with the columns. A null or empty prompt, one that fills the positions
   * of the model, and a conversation that the chat template refuses have null and the reason. The
   * model writes whenever the result is read.
   *
   * <p>Looks at the headers of the model's files, but starts no job.
   *
   * @param config whose completion column and partitions are not read here
   * @throws IllegalArgumentException with all problems of the columns and paths
   */
  public static Dataset<Row> of(
      Dataset<Row> data, PredictConfig config, CompletionColumns columns) {
    Problems problems = new Problems();
    StructType schema = added(data.schema(), columns, problems);
    if (schema.equals(data.schema())) {
      problems.throwIfAny();
      return data;
    }
    Configuration hadoop = data.sparkSession().sessionState().newHadoopConf();
    CompleteTask task = CompleteTask.checked(data.schema(), config, hadoop, problems);
    problems.throwIfAny();
    return PredictColumns.described(
        data.mapPartitions(new CompleteRows(task, columns), Encoders.row(schema)), schema);
  }
}
