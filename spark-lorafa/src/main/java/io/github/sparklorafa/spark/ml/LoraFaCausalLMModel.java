package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.train.Task;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;

/** Writes on after prompts. */
public final class LoraFaCausalLMModel extends LoraFaWritingModel<LoraFaCausalLMModel> {
  private static final long serialVersionUID = 1L;

  public LoraFaCausalLMModel(String uid) {
    super(uid);
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

  @Override
  Task task() {
    return Task.CAUSAL_LM;
  }

  /** Loads a model that was saved. */
  public static LoraFaCausalLMModel load(String path) {
    return read().load(path);
  }

  public static MLReader<LoraFaCausalLMModel> read() {
    return new StageReader<>(LoraFaCausalLMModel.class, LoraFaCausalLMModel::new);
  }
}
