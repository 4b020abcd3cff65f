package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.spark.stage.TrainingJob;
import io.github.sparklorafa.spark.stage.TrainingResult;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.Task;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.util.List;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Fine-tunes a checkpoint on the executors of the session, one worker in each.
 *
 * @param <E> the estimator itself, which setters return
 * @param <M> the model that comes out
 */
public abstract class LoraFaEstimator<E extends LoraFaEstimator<E, M>, M extends LoraFaModel<M>>
    extends Estimator<M>
    implements BaseModelParams<E>,
        ColumnParams<E>,
        AdapterParams<E>,
        OptimizerParams<E>,
        RunParams<E>,
        MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;

  LoraFaEstimator(String uid) {
    this.uid = uid;
    Configs.defaults(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public String explainParam(Param<?> param) {
    return Values.explained(this, param);
  }

  abstract Task task();

  /** Tells the trainer what only this kind of estimator knows. */
  void describe(TrainConfigBuilder builder) {}

  /** The columns as training will read them. */
  StructType read(StructType schema) {
    return schema;
  }

  /** The columns with those that the model adds. */
  abstract StructType predicted(StructType schema);

  abstract M newModel(String uid);

  /**
   * Trains on the rows of {@code dataset}; blocks the calling thread until the model is there.
   *
   * @throws IllegalArgumentException with all problems of the columns, the params, the cluster's
   *     settings and the checkpoint, before any of Spark's stages
   * @throws io.github.sparklorafa.train.TrainingException with the first cause, if training fails
   */
  @Override
  public M fit(Dataset<?> dataset) {
    return ParamWords.of(this, () -> fitted(dataset.toDF()));
  }

  private M fitted(Dataset<Row> rows) {
    StructType unusedSchema = transformSchema(rows.schema());
    SparkSession spark = rows.sparkSession();
    FitFolder folder = FitFolder.of(spark, getOutput(), uid);
    TrainConfig config = Configs.of(this, folder.path());
    ValidationSplit split = ValidationSplit.of(rows, getValidationIndicatorCol());
    TrainingHistory history = new TrainingHistory();
    TrainingResult result =
        TrainingJob.run(spark, split.training(), split.validation(), config, List.of(history));
    folder.deleteIfTemporary();
    M model = newModel(uid);
    model.trained(TunedFolder.of(folder.path(), config.method()), history.summary(result));
    M unused = model.setParent(this);
    copyValues(model, new ParamMap());
    return model.setModel(folder.qualified(getModel()));
  }

  /**
   * What comes out of the model for rows like those that are trained on.
   *
   * @throws IllegalArgumentException with all problems: columns that are not those that training
   *     reads, and new ones that are there already
   */
  @Override
  public StructType transformSchema(StructType schema) {
    Problems problems = new Problems();
    problems.collect(() -> TrainingJob.checkColumns(read(schema), Configs.columns(this), task()));
    problems.collect(() -> ValidationSplit.check(schema, getValidationIndicatorCol()));
    StructType[] predicted = {schema};
    problems.collect(() -> predicted[0] = predicted(schema));
    return ParamWords.of(
        this,
        () -> {
          problems.throwIfAny();
          return predicted[0];
        });
  }

  @Override
  public E copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  @Override
  public MLWriter write() {
    return new ParamsWriter(this);
  }
}
