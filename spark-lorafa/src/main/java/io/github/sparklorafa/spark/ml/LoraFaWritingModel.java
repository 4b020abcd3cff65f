package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.spark.stage.CompletionPlan;
import io.github.sparklorafa.spark.stage.LossPlan;
import io.github.sparklorafa.spark.stage.PerplexityConfig;
import io.github.sparklorafa.spark.stage.PredictConfig;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.Task;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Writes a text for each prompt, conversation or instruction, and measures the loss of texts that
 * are there already.
 *
 * <p>{@code transform} is a part of the query's plan: rows stay in their partitions and order, and
 * the model works when the result is read, and again each time. Rows with a null or empty prompt
 * get null; so do rows without a text to measure.
 *
 * @param <M> the model itself, which setters return
 */
public abstract class LoraFaWritingModel<M extends LoraFaWritingModel<M>> extends LoraFaModel<M>
    implements GenerationParams<M>, LossParams<M>, ColumnParams<M> {
  private static final long serialVersionUID = 1L;

  LoraFaWritingModel(String uid) {
    super(uid);
    Generations.defaults(this);
    Losses.defaults(this);
    Configs.columnDefaults(this);
    Values.usual(this, dtype(), "fp32");
    Values.usual(this, maxLength(), Configs.usual().maxLength());
  }

  /**
   * Tokens that a row is cut to where its loss is measured; 0: 512, or as many as the model reads
   * if these are fewer.
   */
  public IntParam maxLength() {
    return new IntParam(
        this,
        "maxLength",
        "Tokens that a row is cut to where its loss is measured; 0: 512, or as many as the model"
            + " reads if these are fewer.");
  }

  public int getMaxLength() {
    return Values.of(this, maxLength());
  }

  public M setMaxLength(int value) {
    return Values.with(this, maxLength(), value);
  }

  /** What the checkpoint must have been made for where losses are measured. */
  abstract Task task();

  /** Tokens that a text to write is cut to where its loss is measured; 0: as maxLength. */
  int targetLength() {
    return 0;
  }

  /**
   * @throws IllegalArgumentException with all problems of the columns, the params and the paths
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    return ParamWords.of(this, () -> written(dataset));
  }

  private Dataset<Row> written(Dataset<?> dataset) {
    StructType unused = transformSchema(dataset.schema());
    Dataset<Row> measured =
        LossPlan.of(
            dataset.toDF(),
            new PerplexityConfig(
                predictor(),
                Configs.columns(this),
                getMaxLength(),
                targetLength(),
                getPredictionBatchSize()),
            Losses.columns(this),
            task());
    return CompletionPlan.of(
        measured,
        PredictConfig.inPlace(
            predictor(), Configs.columns(this), getPredictionBatchSize(), Generations.config(this)),
        Generations.columns(this));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    Problems problems = new Problems();
    StructType[] more = {schema};
    problems.collect(
        () ->
            more[0] = LossPlan.schema(schema, Configs.columns(this), Losses.columns(this), task()));
    problems.collect(
        () ->
            more[0] =
                CompletionPlan.schema(
                    more[0], Configs.columns(this), Generations.columns(this), task()));
    return ParamWords.of(
        this,
        () -> {
          problems.throwIfAny();
          return more[0];
        });
  }
}
