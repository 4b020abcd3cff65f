package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.spark.stage.ClassifyPlan;
import io.github.sparklorafa.train.Task;
import io.github.sparklorafa.train.TaskSettings.ProblemType;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Fine-tunes an encoder such as RoBERTa to say something about {@code text}, or about the pair of
 * {@code text} and {@code text_pair}.
 *
 * <p>{@code label} is the index of a class, or the name of one: names are indexed in their
 * alphabetical order, and the model keeps them. With problem type multi-label it is an array of 0
 * and 1 for each label, with regression a number or an array of them.
 */
public final class LoraFaSequenceClassifier
    extends LoraFaEstimator<LoraFaSequenceClassifier, LoraFaSequenceClassifierModel>
    implements ClassPredictionParams<LoraFaSequenceClassifier> {
  private static final long serialVersionUID = 1L;

  public LoraFaSequenceClassifier() {
    this(Identifiable$.MODULE$.randomUID("loraFaSequenceClassifier"));
  }

  /** With an id of its own, as Spark makes it when it loads one. */
  public LoraFaSequenceClassifier(String uid) {
    super(uid);
    Classifications.defaults(this);
    Values.usual(this, numLabels(), 0);
    Values.usual(this, freezeHead(), false);
  }

  /** Classes, labels or numbers; 0: as many as there are names, or as the checkpoint's head has. */
  public IntParam numLabels() {
    return new IntParam(
        this,
        "numLabels",
        "Classes, labels or numbers; 0: as many as there are names, or as the checkpoint's head"
            + " has.");
  }

  public int getNumLabels() {
    return Values.of(this, numLabels());
  }

  public LoraFaSequenceClassifier setNumLabels(int value) {
    return Values.with(this, numLabels(), value);
  }

  /** Leave the head as the checkpoint has it; else it is trained and saved. */
  public BooleanParam freezeHead() {
    return new BooleanParam(
        this,
        "freezeHead",
        "Leave the head as the checkpoint has it; else it is trained and saved.");
  }

  public boolean getFreezeHead() {
    return Values.of(this, freezeHead());
  }

  public LoraFaSequenceClassifier setFreezeHead(boolean value) {
    return Values.with(this, freezeHead(), value);
  }

  @Override
  Task task() {
    return Task.SEQUENCE_CLASSIFICATION;
  }

  @Override
  void describe(TrainConfigBuilder builder) {
    TrainConfigBuilder unused =
        builder.taskSettings(
            usual ->
                usual
                    .withNumLabels(getNumLabels())
                    .withProblemType(Classifications.problemType(this))
                    .withFreezeHead(getFreezeHead()));
  }

  /** With names, an estimator of their number is trained on their indexes. */
  @Override
  public LoraFaSequenceClassifierModel fit(Dataset<?> dataset) {
    Dataset<Row> rows = dataset.toDF();
    String label = Classes.column(getLabelColumn(), rows.schema());
    if (!hasNames(rows.schema())) {
      return super.fit(rows);
    }
    StructType unusedSchema = transformSchema(rows.schema());
    List<String> names = Classes.names(rows, label);
    Dataset<Row> indexed = rows.withColumn(label, Classes.index(Classes.quoted(label), names));
    LoraFaSequenceClassifierModel model =
        copy(new ParamMap()).setNumLabels(Math.max(getNumLabels(), names.size())).fit(indexed);
    LoraFaSequenceClassifierModel unused = model.setParent(this);
    return model.setLabelNames(names.toArray(String[]::new));
  }

  private boolean hasNames(StructType schema) {
    return Classifications.problemType(this) == ProblemType.SINGLE_LABEL
        && Classes.areTexts(schema, Classes.column(getLabelColumn(), schema));
  }

  @Override
  StructType read(StructType schema) {
    return hasNames(schema)
        ? Classes.indexed(schema, Classes.column(getLabelColumn(), schema))
        : schema;
  }

  @Override
  StructType predicted(StructType schema) {
    StructType added =
        ClassifyPlan.added(
            schema, Classifications.columns(this), Classifications.problemType(this));
    return hasNames(schema) ? Classifications.named(added, this, true) : added;
  }

  @Override
  LoraFaSequenceClassifierModel newModel(String uid) {
    return new LoraFaSequenceClassifierModel(uid);
  }

  /** Loads an estimator that was saved. */
  public static LoraFaSequenceClassifier load(String path) {
    return read().load(path);
  }

  public static MLReader<LoraFaSequenceClassifier> read() {
    return new StageReader<>(LoraFaSequenceClassifier.class, LoraFaSequenceClassifier::new);
  }
}
