package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.ExampleRules;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.data.RowSource;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.Task;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the loss of each row as a part of a query: no job of its own, and rows stay in their
 * partitions and their order. {@link PredictJob} deals rows out anew instead.
 *
 * <p>Rows are read and tokenised as training does.
 */
public final class LossPlan {
  private static final Logger LOG = LoggerFactory.getLogger(LossPlan.class);
  private static final List<Task> TASKS = List.of(Task.CAUSAL_LM, Task.SEQ2SEQ);
  private static final List<DataType> TYPES =
      List.of(DataTypes.DoubleType, DataTypes.DoubleType, DataTypes.LongType, DataTypes.StringType);

  private LossPlan() {}

  /**
   * The columns that come out; nothing is read where none is added.
   *
   * @param names of the columns to read
   * @param task that the model was made for
   * @throws IllegalArgumentException with all problems: no columns to read, or new columns that are
   *     there already
   */
  public static StructType schema(
      StructType schema, Columns names, LossColumns columns, Task task) {
    Problems problems = new Problems();
    StructType more = added(schema, columns, problems);
    if (!columns.none()) {
      problems.collect(() -> RowColumns.shape(schema, names, RowRules.kind(task)));
    }
    problems.throwIfAny();
    return more;
  }

  /**
   * The same without a look at the columns to read, for rows that a model is to be trained on.
   *
   * @throws IllegalArgumentException with all new columns that are there already
   */
  public static StructType added(StructType schema, LossColumns columns) {
    Problems problems = new Problems();
    StructType more = added(schema, columns, problems);
    problems.throwIfAny();
    return more;
  }

  private static StructType added(StructType schema, LossColumns columns, Problems problems) {
    return PredictColumns.withNamed(schema, columns.names(), TYPES, problems);
  }

  /**
   * The rows of {@code data} with the columns. A row without a loss, such as one with a null text,
   * has null and no tokens. The model measures whenever the result is read.
   *
   * <p>Looks at the headers of the model's files, but starts no job.
   *
   * @throws IllegalArgumentException with all problems of the columns and paths, or if the model
   *     was made for another task
   */
  public static Dataset<Row> of(
      Dataset<Row> data, PerplexityConfig config, LossColumns columns, Task task) {
    if (columns.none()) {
      return data;
    }
    Checked checked = checked(data, config, columns, Optional.of(task));
    return PredictColumns.described(
        data.mapPartitions(checked.task(), Encoders.row(checked.schema())), checked.schema());
  }

  /** The rows dealt out anew, as {@link PredictJob} does, for whatever task the model was made. */
  static Dataset<Row> dealtOut(
      SparkSession spark,
      Dataset<Row> data,
      PerplexityConfig config,
      LossColumns columns,
      int partitions) {
    Checked checked = checked(data, config, columns, Optional.empty());
    ScoreTask task = checked.task();
    return NumberedRows.mapped(
        spark, data, partitions, config.batchSize(), task::call, checked.schema());
  }

  private record Checked(ScoreTask task, StructType schema) {}

  /**
   * @param asked what the model must have been made for; empty if it says so itself
   */
  private static Checked checked(
      Dataset<Row> data, PerplexityConfig config, LossColumns columns, Optional<Task> asked) {
    Problems problems = new Problems();
    Configuration hadoop = data.sparkSession().sessionState().newHadoopConf();
    List<Task> possible = asked.map(List::of).orElse(TASKS);
    PredictModel model =
        PredictModel.checked(
            config.predictor(),
            (folder, shape) ->
                task(shape, possible)
                    .flatMap(made -> source(data, config, made))
                    .ifPresent(source -> source.check(folder, shape.vocabSize())),
            hadoop,
            problems);
    LabelKind kind = RowRules.kind(checkedTask(model.shape(), possible, config, problems));
    RowShape[] rows = new RowShape[1];
    problems.collect(() -> rows[0] = RowColumns.shape(data, config.columns(), kind));
    int maxLength = ModelChecks.length(config.maxLength(), model.shape(), problems);
    checkNumbers(config, problems);
    StructType schema = added(data.schema(), columns, problems);
    problems.throwIfAny();
    ModelChecks.lengthNote(maxLength, model.shape()).ifPresent(LOG::warn);
    return new Checked(
        new ScoreTask(
            model,
            rules(kind, maxLength, config.maxTargetLength(), model.shape().vocabSize()),
            RowReader.in(data.schema(), rows[0]),
            config.batchSize(),
            columns,
            new SerializableConfiguration(hadoop)),
        schema);
  }

  private static ExampleRules rules(
      LabelKind kind, int maxLength, int maxTargetLength, int vocabSize) {
    return kind == LabelKind.WRITTEN
        ? ExampleRules.written(maxLength, maxTargetLength, vocabSize)
        : ExampleRules.nextTokens(maxLength, vocabSize);
  }

  private static Optional<Task> task(ModelConfig shape, List<Task> possible) {
    String madeFor = shape.objective().text();
    return possible.stream().filter(task -> task.text().equals(madeFor)).findFirst();
  }

  private static Optional<RowSource> source(Dataset<Row> data, PerplexityConfig config, Task task) {
    try {
      return Optional.of(RowColumns.shape(data, config.columns(), RowRules.kind(task)).source());
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // told when the columns are looked for
    }
  }

  private static Task checkedTask(
      ModelConfig shape, List<Task> possible, PerplexityConfig config, Problems problems) {
    if (shape == null) {
      return possible.get(0);
    }
    Optional<Task> found = task(shape, possible);
    if (found.isEmpty()) {
      problems.add(
          "Cannot measure losses with: %s, which was made for %s (use a model that was made for %s)",
          config.predictor().model(),
          shape.objective().text(),
          possible.stream().map(Task::text).collect(Collectors.joining(" or ")));
    }
    return found.orElse(possible.get(0));
  }

  private static void checkNumbers(PerplexityConfig config, Problems problems) {
    if (config.maxTargetLength() < 0) {
      problems.add(
          "Cannot use max target length: %d (use 1 or more, or 0 for the max length)",
          config.maxTargetLength());
    }
    PredictColumns.checkBatchSize(config.batchSize(), problems);
  }
}
