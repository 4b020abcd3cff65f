package io.github.sparklorafa.spark.ml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.TrainSummary;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * How a model was trained, as numbers and as datasets.
 *
 * <p>Where a run went on from a checkpoint of an earlier one, the histories begin there.
 */
public final class LoraFaTrainingSummary {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private static final StructType STEPS =
      StructType.fromDDL(
          "step bigint, epoch double, loss double, learning_rate double, grad_norm double, tokens"
              + " bigint, bucket_bytes bigint, tape_bytes bigint, seconds double,"
              + " tokens_per_second double, sync_seconds double, sync_wait_seconds double");

  private static final StructType EVALUATIONS =
      StructType.fromDDL(
          "step bigint, epoch double, eval_loss double, seconds double, scores map<string,double>");

  private final Record values;

  /** What is stored. */
  record Record(
      long rows,
      int attempts,
      TrainSummary end,
      List<StepReport> steps,
      List<EvaluationReport> evaluations) {
    Record {
      Objects.requireNonNull(end, "end");
      steps = List.copyOf(steps);
      evaluations = List.copyOf(evaluations);
    }
  }

  LoraFaTrainingSummary(Record values) {
    this.values = values;
  }

  static LoraFaTrainingSummary fromJson(String json) {
    try {
      Record values = MAPPER.readValue(json, Record.class);
      if (values != null) {
        return new LoraFaTrainingSummary(values);
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "Cannot read the training summary (save the model again): " + e.getOriginalMessage(), e);
    }
    throw new IllegalArgumentException(
        "Cannot read the training summary (save the model again): it is null");
  }

  String toJson() {
    try {
      return MAPPER.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write as JSON: " + values + " (report this)", e);
    }
  }

  /** Rows that were trained on. */
  public long rows() {
    return values.rows();
  }

  /** Attempts that training took: more than 1 after an executor was lost. */
  public int attempts() {
    return values.attempts();
  }

  /** Optimizer steps that were taken. */
  public long totalSteps() {
    return values.end().steps();
  }

  /** The loss of each step, before its update. */
  public double[] lossHistory() {
    return values.steps().stream().mapToDouble(StepReport::loss).toArray();
  }

  /** The loss of each evaluation. */
  public double[] evaluationLossHistory() {
    return values.evaluations().stream().mapToDouble(EvaluationReport::evalLoss).toArray();
  }

  /** The loss of the last evaluation; NaN without one. */
  public double evaluationLoss() {
    return values.end().evalLoss();
  }

  /** The step whose values the model has, where metricForBest chose one; else 0. */
  public long bestStep() {
    return values.end().bestStep();
  }

  /** The metric at that step; NaN without one. */
  public double bestValue() {
    return values.end().bestValue();
  }

  /** Numbers that were trained. */
  public long trainableParameters() {
    return values.end().trainableParameters();
  }

  /** Tokens of all workers by the second, over the steps of the history. */
  public double tokensPerSecond() {
    double seconds = values.steps().stream().mapToDouble(StepReport::seconds).sum();
    long tokens = values.steps().stream().mapToLong(StepReport::tokens).sum();
    return tokens / seconds;
  }

  /** Seconds from the first step of the last attempt to the last step. */
  public double seconds() {
    return values.end().seconds();
  }

  /** The most bytes that a worker kept for the backward pass at once. */
  public long bytesKept() {
    return Math.max(
        values.end().tapeBytes(),
        values.steps().stream().mapToLong(StepReport::tapeBytes).max().orElse(0));
  }

  /** Bytes that each worker gave to the all-reduce of a step. */
  public long bytesSent() {
    return values.end().bucketBytes();
  }

  /**
   * One row for each step: step, epoch, loss, learning_rate, grad_norm, tokens, bucket_bytes
   * (sent), tape_bytes (kept, the most so far), seconds, tokens_per_second, sync_seconds (of the
   * all-reduce), sync_wait_seconds (not hidden behind the backward pass). In the active session.
   */
  public Dataset<Row> steps() {
    return table(
        values.steps(),
        STEPS,
        step ->
            RowFactory.create(
                step.step(),
                step.epoch(),
                step.loss(),
                step.learningRate(),
                step.gradNorm(),
                step.tokens(),
                step.bucketBytes(),
                step.tapeBytes(),
                step.seconds(),
                step.tokensPerSecond(),
                step.syncSeconds(),
                step.syncWaitSeconds()));
  }

  /**
   * One row for each evaluation: step, epoch, eval_loss, seconds, and scores, other metrics by
   * name. In the active session.
   */
  public Dataset<Row> evaluations() {
    return table(
        values.evaluations(),
        EVALUATIONS,
        evaluation ->
            RowFactory.create(
                evaluation.step(),
                evaluation.epoch(),
                evaluation.evalLoss(),
                evaluation.seconds(),
                evaluation.scores()));
  }

  private static <T> Dataset<Row> table(List<T> reports, StructType schema, Function<T, Row> row) {
    return SparkSession.active().createDataFrame(reports.stream().map(row).toList(), schema);
  }
}
