package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.train.Problems;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.apache.hadoop.conf.Configuration;

/**
 * What the driver knows of the model that predicts.
 *
 * @param predictor with complete URIs
 * @param shape of the model
 */
record PredictModel(Predictor predictor, ModelConfig shape) implements Serializable {
  /**
   * Reads the small files; what is missing is added to the problems.
   *
   * @param rows looks, in a folder with the small files, at what such a model's rows are read with
   */
  static PredictModel checked(
      Predictor predictor,
      BiConsumer<Path, ModelConfig> rows,
      Configuration hadoop,
      Problems problems) {
    String[] found = {"", ""};
    problems.collect(() -> found[0] = Locations.qualified(predictor.model(), hadoop));
    ModelConfig shape = InputChecks.check(predictor, rows, hadoop, problems);
    if (!predictor.adapter().isEmpty()) {
      problems.collect(() -> found[1] = Locations.qualified(predictor.adapter(), hadoop));
    }
    return new PredictModel(
        new Predictor(found[0], found[1], predictor.dtype(), predictor.baseDtype()), shape);
  }

  /** Complete URI of the base checkpoint. */
  String folder() {
    return predictor.model();
  }

  /** Complete URI of the adapter, or empty. */
  String adapter() {
    return predictor.adapter();
  }
}
