package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.spark.stage.ClassifyConfig;
import io.github.sparklorafa.spark.stage.ClassifyPlan;
import java.util.List;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Says something about texts: adds {@code rawPrediction}, {@code probability} and {@code
 * prediction}, in the form that Spark's own evaluators read.
 *
 * <p>{@code transform} is a part of the query's plan: rows stay in their partitions and order, and
 * the model reads when the result is read. Rows with a null text get null.
 */
public final class LoraFaSequenceClassifierModel extends LoraFaModel<LoraFaSequenceClassifierModel>
    implements ClassPredictionParams<LoraFaSequenceClassifierModel>,
        ClassInputParams<LoraFaSequenceClassifierModel> {
  private static final long serialVersionUID = 1L;

  /** With an id of its own, as Spark makes it when it loads one. */
  public LoraFaSequenceClassifierModel(String uid) {
    super(uid);
    Classifications.defaults(this);
    Values.usual(this, dtype(), "fp32");
    Classifications.inputDefaults(this);
    Values.usual(this, labelNames(), new String[0]);
  }

  /**
   * A model of a base checkpoint and an adapter from anywhere, such as PEFT or the train command.
   */
  public static LoraFaSequenceClassifierModel of(String model, String adapter) {
    LoraFaSequenceClassifierModel made =
        new LoraFaSequenceClassifierModel(
            Identifiable$.MODULE$.randomUID("loraFaSequenceClassifier"));
    made.trained(new TunedFolder(adapter, false), null);
    return made.setModel(model);
  }

  /** Names of the classes, by their indexes; empty where labels are numbers. */
  public StringArrayParam labelNames() {
    return new StringArrayParam(
        this,
        "labelNames",
        "Names of the classes, by their indexes; empty where labels are numbers.");
  }

  public String[] getLabelNames() {
    return Values.of(this, labelNames());
  }

  public LoraFaSequenceClassifierModel setLabelNames(String... value) {
    return Values.with(this, labelNames(), value.clone());
  }

  public LoraFaSequenceClassifierModel setLabelNames(List<String> value) {
    return Values.with(this, labelNames(), value.toArray(String[]::new));
  }

  /**
   * @throws IllegalArgumentException with all problems of the columns, the params and the paths
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    return ParamWords.of(this, () -> classified(dataset));
  }

  private Dataset<Row> classified(Dataset<?> dataset) {
    StructType unused = transformSchema(dataset.schema());
    Dataset<Row> rows = dataset.toDF();
    Dataset<Row> classified =
        ClassifyPlan.of(
            rows,
            new ClassifyConfig(
                predictor(), Classifications.input(this), getMaxLength(), getPredictionBatchSize()),
            Classifications.columns(this),
            Classifications.problemType(this));
    return getLabelNames().length == 0 ? classified : named(classified, rows.schema());
  }

  private Dataset<Row> named(Dataset<Row> classified, StructType before) {
    List<String> names = List.of(getLabelNames());
    Dataset<Row> named = classified;
    if (!getPredictionCol().isEmpty()) {
      Column prediction = Classes.quoted(getPredictionCol());
      if (!getPredictedLabelCol().isEmpty()) {
        named = named.withColumn(getPredictedLabelCol(), Classes.name(prediction, names));
      }
      NominalAttribute attribute =
          NominalAttribute.defaultAttr().withName(getPredictionCol()).withValues(getLabelNames());
      named =
          named.withColumn(
              getPredictionCol(), prediction.as(getPredictionCol(), attribute.toMetadata()));
    }
    String label = Classes.column(getLabelColumn(), before);
    if (!getLabelIndexCol().isEmpty() && Classes.areTexts(before, label)) {
      named = named.withColumn(getLabelIndexCol(), Classes.index(Classes.quoted(label), names));
    }
    return named;
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return ParamWords.of(this, () -> classified(schema));
  }

  private StructType classified(StructType schema) {
    StructType added =
        ClassifyPlan.schema(
            schema,
            Classifications.input(this),
            Classifications.columns(this),
            Classifications.problemType(this));
    return getLabelNames().length == 0
        ? added
        : Classifications.named(
            added, this, Classes.areTexts(schema, Classes.column(getLabelColumn(), schema)));
  }

  /** Loads a model that was saved. */
  public static LoraFaSequenceClassifierModel load(String path) {
    return read().load(path);
  }

  public static MLReader<LoraFaSequenceClassifierModel> read() {
    return new StageReader<>(
        LoraFaSequenceClassifierModel.class, LoraFaSequenceClassifierModel::new);
  }
}
