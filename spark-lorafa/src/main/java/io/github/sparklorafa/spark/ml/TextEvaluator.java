package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.infer.TextMetric;
import io.github.sparklorafa.train.Problems;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
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
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * Compares what a model wrote with what it should have: BLEU as sacreBLEU has it, ROUGE-L, or the
 * share of texts that are exactly right; more is better. Or says how well it foretells the texts
 * that are there: their loss or perplexity, over all tokens and not over rows; less is better.
 *
 * <p>Texts are counted where they are, and sums of counts alone come to the driver. A null
 * prediction counts as an empty text; a row with a null loss does not count.
 */
public final class TextEvaluator extends Evaluator implements MLWritable {
  private static final long serialVersionUID = 1L;

  private static final String PERPLEXITY = "perplexity";
  private static final String LOSS = "loss";
  private static final List<String> OF_LOSSES = List.of(PERPLEXITY, LOSS);
  private static final List<String> METRICS =
      Stream.concat(Arrays.stream(TextMetric.values()).map(TextMetric::text), OF_LOSSES.stream())
          .toList();

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
    Values.usual(this, lossCol(), "loss");
    Values.usual(this, lossTokensCol(), "lossTokens");
  }

  @Override
  public String uid() {
    return uid;
  }

  /** The metric: bleu, rouge_l, exact_match, perplexity or loss. */
  public Param<String> metricName() {
    return Values.choice(
        this,
        "metricName",
        "The metric: bleu, rouge_l, exact_match, perplexity or loss.",
        METRICS.toArray(String[]::new),
        Function.identity());
  }

  public String getMetricName() {
    return Values.of(this, metricName());
  }

  public TextEvaluator setMetricName(String value) {
    return Values.with(this, metricName(), value);
  }

  /**
   * Column with the texts that would be right, or with conversations whose last turn, if it is the
   * assistant's, would be.
   */
  public Param<String> labelCol() {
    return new Param<>(
        this,
        "labelCol",
        "Column with the texts that would be right, or with conversations whose last turn, if it is"
            + " the assistant's, would be.");
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

  /** Column with the mean loss of each row's tokens, as the model's lossCol. */
  public Param<String> lossCol() {
    return new Param<>(
        this, "lossCol", "Column with the mean loss of each row's tokens, as the model's lossCol.");
  }

  public String getLossCol() {
    return Values.of(this, lossCol());
  }

  public TextEvaluator setLossCol(String value) {
    return Values.with(this, lossCol(), value);
  }

  /** Column with how many tokens each loss is the mean of, as the model's lossTokensCol. */
  public Param<String> lossTokensCol() {
    return new Param<>(
        this,
        "lossTokensCol",
        "Column with how many tokens each loss is the mean of, as the model's lossTokensCol.");
  }

  public String getLossTokensCol() {
    return Values.of(this, lossTokensCol());
  }

  public TextEvaluator setLossTokensCol(String value) {
    return Values.with(this, lossTokensCol(), value);
  }

  /**
   * The metric over all rows; NaN without rows. Blocks while Spark runs a job.
   *
   * @throws IllegalArgumentException if the columns are not there or of another type
   */
  @Override
  public double evaluate(Dataset<?> dataset) {
    if (!ofLosses()) {
      return compared(dataset, TextMetric.parse(getMetricName()));
    }
    double loss = meanLoss(dataset);
    return getMetricName().equals(PERPLEXITY) ? Math.exp(loss) : loss;
  }

  private boolean ofLosses() {
    return OF_LOSSES.contains(getMetricName());
  }

  private double compared(Dataset<?> dataset, TextMetric metric) {
    Problems problems = new Problems();
    check(dataset.schema(), "prediction", getPredictionCol(), StringType.class, problems);
    boolean conversations = LastTurn.isThere(dataset.schema(), getLabelCol());
    if (!conversations) {
      check(dataset.schema(), "label", getLabelCol(), StringType.class, problems);
    }
    problems.throwIfAny();
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
    Column label = quoted(getLabelCol());
    return metric.value(
        dataset
            .select(quoted(getPredictionCol()), conversations ? LastTurn.of(label) : label)
            .toJavaRDD()
            .aggregate(metric.none(), counted, added));
  }

  /** Over all tokens: rows have several, and those with more weigh more. */
  private double meanLoss(Dataset<?> dataset) {
    Problems problems = new Problems();
    check(dataset.schema(), "loss", getLossCol(), NumericType.class, problems);
    check(dataset.schema(), "loss tokens", getLossTokensCol(), NumericType.class, problems);
    problems.throwIfAny();
    Column loss = quoted(getLossCol());
    Column tokens = quoted(getLossTokensCol());
    Row sums =
        dataset
            .where(loss.isNotNull())
            .agg(
                functions.sum(loss.multiply(tokens)).cast(DataTypes.DoubleType),
                functions.sum(tokens).cast(DataTypes.DoubleType))
            .first();
    return sums.isNullAt(1) ? Double.NaN : sums.getDouble(0) / sums.getDouble(1);
  }

  private static void check(
      StructType schema,
      String what,
      String column,
      Class<? extends DataType> type,
      Problems problems) {
    List<String> names = Arrays.asList(schema.fieldNames());
    if (!names.contains(column)) {
      problems.add(
          "Cannot find %s column: %s (use one of %s)", what, column, String.join(", ", names));
    } else if (!type.isInstance(schema.apply(column).dataType())) {
      problems.add(
          "Cannot read %s column: %s of type %s (use a column of %s)",
          what,
          column,
          schema.apply(column).dataType().simpleString(),
          type == StringType.class ? "strings" : "numbers");
    }
  }

  private static Column quoted(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }

  @Override
  public boolean isLargerBetter() {
    return !ofLosses();
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
