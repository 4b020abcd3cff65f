package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.TrainConfig;

/** What follows from a model's shape alone, without its weights. */
final class ModelChecks {
  private ModelChecks() {}

  static void check(TrainConfig config, ModelConfig shape, Cluster cluster, Problems problems) {
    if (config.method() != Method.FULL) {
      new TargetChecks(config.adapter(), shape.linearLayers().keySet(), problems).check();
    }
    TrainingPlan.of(cluster.conf(), config, shape).problem().ifPresent(problems::add);
  }
}
