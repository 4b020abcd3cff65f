package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.TaskSettings.ProblemType;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Classifies rows as a part of a query: no job of its own, and rows stay in their partitions and
 * their order. {@link PredictJob} deals rows out anew instead.
 */
public final class ClassifyPlan {
  private ClassifyPlan() {}

  /**
   * The columns that come out.
   *
   * @param names of the columns to read
   * @throws IllegalArgumentException with all problems: no column to read, or new columns that are
   *     there already
   */
  public static StructType schema(
      StructType schema, Columns names, ClassColumns columns, ProblemType type) {
    Problems problems = new Problems();
    ClassifyInput unused = ClassifyInput.of(schema, names, problems);
    StructType more = added(schema, columns, type.kind(), problems);
    problems.throwIfAny();
    return more;
  }

  /**
   * The same without a look at the columns to read, for rows that a model is to be trained on.
   *
   * @throws IllegalArgumentException with all new columns that are there already
   */
  public static StructType added(StructType schema, ClassColumns columns, ProblemType type) {
    Problems problems = new Problems();
    StructType more = added(schema, columns, type.kind(), problems);
    problems.throwIfAny();
    return more;
  }

  private static StructType added(
      StructType schema, ClassColumns columns, Objective.Kind kind, Problems problems) {
    DataType several =
        columns.form() == ClassColumns.Form.VECTORS
            ? SQLDataTypes.VectorType()
            : DataTypes.createArrayType(DataTypes.DoubleType, false);
    String probability = kind == Objective.Kind.REGRESSION ? "" : columns.probability();
    DataType predicted =
        kind == Objective.Kind.MULTI_LABEL
            ? DataTypes.createArrayType(DataTypes.DoubleType, false)
            : DataTypes.DoubleType;
    return PredictColumns.withNamed(
        schema,
        List.of(columns.raw(), probability, columns.prediction()),
        List.of(several, several, predicted),
        problems);
  }

  /**
   * The rows of {@code data} with the columns. A null text has null in all of them. The model reads
   * whenever the result is read.
   *
   * <p>Looks at the headers of the model's files, but starts no job.
   *
   * @throws IllegalArgumentException with all problems of the columns and paths, or if the model
   *     does not classify as {@code type} says
   */
  public static Dataset<Row> of(
      Dataset<Row> data, ClassifyConfig config, ClassColumns columns, ProblemType type) {
    Checked checked = checked(data, config, columns, Optional.of(type.kind()));
    return PredictColumns.described(
        data.mapPartitions(checked.task(), Encoders.row(checked.schema())), checked.schema());
  }

  /**
   * The rows dealt out anew, as {@link PredictJob} does, and classified as the model was made for.
   */
  static Dataset<Row> dealtOut(
      SparkSession spark,
      Dataset<Row> data,
      ClassifyConfig config,
      ClassColumns columns,
      int partitions) {
    Checked checked = checked(data, config, columns, Optional.empty());
    ClassifyTask task = checked.task();
    return NumberedRows.mapped(
        spark, data, partitions, config.batchSize(), task::call, checked.schema());
  }

  private record Checked(ClassifyTask task, StructType schema) {}

  /**
   * @param asked what the model must have been made for; empty if it says so itself
   */
  private static Checked checked(
      Dataset<Row> data,
      ClassifyConfig config,
      ClassColumns columns,
      Optional<Objective.Kind> asked) {
    Problems problems = new Problems();
    ClassifyInput input = ClassifyInput.of(data.schema(), config.columns(), problems);
    Configuration hadoop = data.sparkSession().sessionState().newHadoopConf();
    PredictModel model =
        PredictModel.checked(
            config.predictor(),
            (folder, shape) -> input.check(folder, shape.vocabSize()),
            hadoop,
            problems);
    PredictColumns.checkBatchSize(config.batchSize(), problems);
    int maxLength = ModelChecks.length(config.maxLength(), model.shape(), problems);
    Objective.Kind kind = asked.orElse(Objective.Kind.SINGLE_LABEL);
    if (model.shape() != null) {
      kind = checkedKind(model.shape().objective(), asked, config, problems);
    }
    StructType schema = added(data.schema(), columns, kind, problems);
    problems.throwIfAny();
    return new Checked(
        new ClassifyTask(
            config.withMaxLength(maxLength),
            model,
            input,
            columns,
            new SerializableConfiguration(hadoop)),
        schema);
  }

  private static Objective.Kind checkedKind(
      Objective objective,
      Optional<Objective.Kind> asked,
      ClassifyConfig config,
      Problems problems) {
    String where =
        config.predictor().adapter().isEmpty()
            ? config.predictor().model()
            : config.predictor().adapter();
    if (!(objective instanceof Objective.Classification classes)) {
      problems.add(
          "Cannot classify with: %s, which was made for %s (give the adapter of a classification)",
          where, objective.text());
      return asked.orElse(Objective.Kind.SINGLE_LABEL);
    }
    if (asked.isPresent() && classes.kind() != asked.get()) {
      problems.add(
          "Cannot use problem type: %s with %s, which was made for %s (use that)",
          asked.get().problemType(), where, classes.kind().problemType());
    }
    return classes.kind();
  }
}
