package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.spark.stage.CompletionPlan;
import io.github.sparklorafa.spark.stage.LossPlan;
import io.github.sparklorafa.train.Task;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.StructType;

/**
 * Fine-tunes a causal language model on {@code text}, or {@code prompt} and {@code completion}, or
 * {@code input_ids}.
 */
public final class LoraFaCausalLM extends LoraFaEstimator<LoraFaCausalLM, LoraFaCausalLMModel>
    implements GenerationParams<LoraFaCausalLM>, LossParams<LoraFaCausalLM> {
  private static final long serialVersionUID = 1L;

  public LoraFaCausalLM() {
    this(Identifiable$.MODULE$.randomUID("loraFaCausalLM"));
  }

  public LoraFaCausalLM(String uid) {
    super(uid);
    Generations.defaults(this);
    Losses.defaults(this);
  }

  @Override
  Task task() {
    return Task.CAUSAL_LM;
  }

  /** Rows for training may have no prompts: only what the model adds is checked here. */
  @Override
  StructType predicted(StructType schema) {
    return CompletionPlan.added(
        LossPlan.added(schema, Losses.columns(this)), Generations.columns(this));
  }

  @Override
  LoraFaCausalLMModel newModel(String uid) {
    return new LoraFaCausalLMModel(uid);
  }

  /** Loads an estimator that was saved. */
  public static LoraFaCausalLM load(String path) {
    return read().load(path);
  }

  public static MLReader<LoraFaCausalLM> read() {
    return new StageReader<>(LoraFaCausalLM.class, LoraFaCausalLM::new);
  }
}
