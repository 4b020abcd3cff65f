package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.spark.stage.CompletionPlan;
import io.github.sparklorafa.spark.stage.PredictConfig;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Writes on after prompts.
 *
 * <p>{@code transform} is a part of the query's plan: rows stay in their partitions and order, and
 * the model writes when the result is read, and again each time. Rows with a null or empty prompt
 * get null.
 */
public final class LoraFaCausalLMModel extends LoraFaModel<LoraFaCausalLMModel>
    implements GenerationParams<LoraFaCausalLMModel> {
  private static final long serialVersionUID = 1L;

  public LoraFaCausalLMModel(String uid) {
    super(uid);
    Generations.defaults(this);
    Values.usual(this, dtype(), "fp32");
    Values.usual(this, promptColumn(), "");
  }

  /**
   * A model of a base checkpoint and an adapter from anywhere, such as PEFT or the train command.
   */
  public static LoraFaCausalLMModel of(String model, String adapter) {
    LoraFaCausalLMModel made =
        new LoraFaCausalLMModel(Identifiable$.MODULE$.randomUID("loraFaCausalLM"));
    made.trained(new TunedFolder(adapter, false), null);
    return made.setModel(model);
  }

  /** Column with the prompts; prompt if none is named. */
  public Param<String> promptColumn() {
    return new Param<>(this, "promptColumn", "Column with the prompts; prompt if none is named.");
  }

  public String getPromptColumn() {
    return Values.of(this, promptColumn());
  }

  public LoraFaCausalLMModel setPromptColumn(String value) {
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

  /** Loads a model that was saved. */
  public static LoraFaCausalLMModel load(String path) {
    return read().load(path);
  }

  public static MLReader<LoraFaCausalLMModel> read() {
    return new StageReader<>(LoraFaCausalLMModel.class, LoraFaCausalLMModel::new);
  }
}
