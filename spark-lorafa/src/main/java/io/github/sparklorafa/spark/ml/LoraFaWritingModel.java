package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.spark.stage.CompletionPlan;
import io.github.sparklorafa.spark.stage.PredictConfig;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Writes a text for each prompt.
 *
 * <p>{@code transform} is a part of the query's plan: rows stay in their partitions and order, and
 * the model writes when the result is read, and again each time. Rows with a null or empty prompt
 * get null.
 *
 * @param <M> the model itself, which setters return
 */
public abstract class LoraFaWritingModel<M extends LoraFaWritingModel<M>> extends LoraFaModel<M>
    implements GenerationParams<M> {
  private static final long serialVersionUID = 1L;

  LoraFaWritingModel(String uid) {
    super(uid);
    Generations.defaults(this);
    Values.usual(this, dtype(), "fp32");
    Values.usual(this, promptColumn(), "");
  }

  /** Column with the prompts; prompt if none is named. */
  public Param<String> promptColumn() {
    return new Param<>(this, "promptColumn", "Column with the prompts; prompt if none is named.");
  }

  public String getPromptColumn() {
    return Values.of(this, promptColumn());
  }

  public M setPromptColumn(String value) {
    return Values.with(this, promptColumn(), value);
  }

  /**
   * @throws IllegalArgumentException with all problems of the columns, the params and the paths
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType unused = transformSchema(dataset.schema());
    return CompletionPlan.of(
        dataset.toDF(),
        PredictConfig.inPlace(
            base(),
            adapter(),
            getDtype(),
            prompt(),
            getPredictionBatchSize(),
            Generations.config(this)),
        Generations.columns(this));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return CompletionPlan.schema(schema, prompt(), Generations.columns(this));
  }

  private String prompt() {
    return Generations.prompt(getPromptColumn());
  }
}
