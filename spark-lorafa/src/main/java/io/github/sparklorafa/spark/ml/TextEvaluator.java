package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.infer.TextMetric;
import io.github.sparklorafa.train.Problems;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.ml.evaluation.Evaluator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Compares what a model wrote with what it should have: BLEU as sacreBLEU has it, ROUGE-L, or the
 * share of texts that are exactly right. More is better in each.
 *
 * <p>Texts are counted where they are, and sums of counts alone come to the driver. A null
 * prediction counts as an empty text.
 */
public final class TextEvaluator extends Evaluator implements MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;

  public TextEvaluator() {
    this(Identifiable$.MODULE$.randomUID("textEvaluator"));
  }

  /** With an id of its own, as Spark makes it when it loads one. */
  public TextEvaluator(String uid) {
    this.uid = uid;
    Values.usual(this, metricName(), TextMetric.BLEU.text());
    Values.usual(this, labelCol(), "label");
    Values.usual(this, predictionCol(), "prediction");
  }

  @Override
  public String uid() {
    return uid;
  }

  /** The metric: bleu, rouge_l or exact_match. */
  public Param<String> metricName() {
    return Values.choice(
        this,
        "metricName",
        "The metric: bleu, rouge_l or exact_match.",
        TextMetric.values(),
        TextMetric::text);
  }

  public String getMetricName() {
    return Values.of(this, metricName());
  }

  public TextEvaluator setMetricName(String value) {
    return Values.with(this, metricName(), value);
  }

  /** Column with the texts that would be right. */
  public Param<String> labelCol() {
    return new Param<>(this, "labelCol", "Column with the texts that would be right.");
  }

  public String getLabelCol() {
    return Values.of(this, labelCol());
  }

  public TextEvaluator setLabelCol(String value) {
    return Values.with(this, labelCol(), value);
  }

  /** Column with the texts that the model wrote. */
  public Param<String> predictionCol() {
    return new Param<>(this, "predictionCol", "Column with the texts that the model wrote.");
  }

  public String getPredictionCol() {
    return Values.of(this, predictionCol());
  }

  public TextEvaluator setPredictionCol(String value) {
    return Values.with(this, predictionCol(), value);
  }

  /**
   * The metric over all rows; NaN without rows. Blocks while Spark runs a job.
   *
   * @throws IllegalArgumentException if the columns are not there or no strings
   */
  @Override
  public double evaluate(Dataset<?> dataset) {
    Problems problems = new Problems();
    checkText(dataset.schema(), "prediction", getPredictionCol(), problems);
    checkText(dataset.schema(), "label", getLabelCol(), problems);
    problems.throwIfAny();
    TextMetric metric = TextMetric.parse(getMetricName());
    Function2<long[], Row, long[]> counted =
        (sums, row) -> {
          metric.add(sums, row.getString(0), row.getString(1));
          return sums;
        };
    Function2<long[], long[], long[]> added =
        (sums, more) -> {
          Arrays.setAll(sums, i -> sums[i] + more[i]);
          return sums;
        };
    return metric.value(
        dataset
            .select(quoted(getPredictionCol()), quoted(getLabelCol()))
            .toJavaRDD()
            .aggregate(metric.none(), counted, added));
  }

  private static void checkText(StructType schema, String what, String column, Problems problems) {
    List<String> names = Arrays.asList(schema.fieldNames());
    if (!names.contains(column)) {
      problems.add(
          "Cannot find %s column: %s (use one of %s)", what, column, String.join(", ", names));
    } else if (!schema.apply(column).dataType().equals(DataTypes.StringType)) {
      problems.add(
          "Cannot read %s column: %s of type %s (use a column of strings)",
          what, column, schema.apply(column).dataType().simpleString());
    }
  }

  private static Column quoted(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }

  @Override
  public boolean isLargerBetter() {
    return true;
  }

  @Override
  public TextEvaluator copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  @Override
  public MLWriter write() {
    return new ParamsWriter(this);
  }

  /** Loads an evaluator that was saved. */
  public static TextEvaluator load(String path) {
    return read().load(path);
  }

  public static MLReader<TextEvaluator> read() {
    return new StageReader<>(TextEvaluator.class, TextEvaluator::new);
  }
}
