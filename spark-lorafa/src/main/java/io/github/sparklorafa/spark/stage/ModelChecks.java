package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.TrainConfig;

/** What follows from a model's shape alone, without its weights. */
final class ModelChecks {
  private ModelChecks() {}

  static void check(TrainConfig config, LlamaConfig shape, Cluster cluster, Problems problems) {
    if (config.method() != Method.FULL) {
      new TargetChecks(
              config.adapter(), shape.numHiddenLayers(), shape.linears().keySet(), problems)
          .check();
    }
    TrainingPlan.of(cluster.conf(), config, shape).problem().ifPresent(problems::add);
  }
}
