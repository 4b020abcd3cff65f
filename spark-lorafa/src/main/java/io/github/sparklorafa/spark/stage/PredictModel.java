package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.Problems;
import java.io.Serializable;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;

/**
 * What the driver knows of the model that predicts.
 *
 * @param folder complete URI of the base checkpoint
 * @param adapter complete URI of the adapter, or empty
 * @param dtype number format of weights and activations
 * @param shape of the model
 */
record PredictModel(String folder, String adapter, DType dtype, ModelConfig shape)
    implements Serializable {
  /**
   * Reads the small files; what is missing is added to the problems.
   *
   * @param tokenizes whether the rows are text, for such a model
   */
  static PredictModel checked(
      String folder,
      String adapter,
      DType dtype,
      Predicate<ModelConfig> tokenizes,
      Configuration hadoop,
      Problems problems) {
    Object[] found = {"", "", null};
    problems.collect(() -> found[0] = Locations.qualified(folder, hadoop));
    found[2] = InputChecks.check(folder, adapter, dtype, tokenizes, hadoop, problems);
    if (!adapter.isEmpty()) {
      problems.collect(() -> found[1] = Locations.qualified(adapter, hadoop));
    }
    return new PredictModel((String) found[0], (String) found[1], dtype, (ModelConfig) found[2]);
  }

  /** One that writes texts for prompts. */
  static PredictModel writer(PredictConfig config, Configuration hadoop, Problems problems) {
    PredictModel model =
        checked(config.model(), config.adapter(), config.dtype(), any -> true, hadoop, problems);
    if (model.shape() != null
        && !(model.shape().objective() instanceof Objective.CausalLm)
        && !(model.shape().objective() instanceof Objective.Seq2Seq)) {
      problems.add(
          "Cannot write texts: %s was made for %s (use a causal language model or a T5)",
          config.model(), model.shape().objective().text());
    }
    return model;
  }
}
