package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.Problems;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.function.BiConsumer;
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
   * @param rows looks, in a folder with the small files, at what such a model's rows are read with
   */
  static PredictModel checked(
      String folder,
      String adapter,
      DType dtype,
      BiConsumer<Path, ModelConfig> rows,
      Configuration hadoop,
      Problems problems) {
    Object[] found = {"", "", null};
    problems.collect(() -> found[0] = Locations.qualified(folder, hadoop));
    found[2] = InputChecks.check(folder, adapter, dtype, rows, hadoop, problems);
    if (!adapter.isEmpty()) {
      problems.collect(() -> found[1] = Locations.qualified(adapter, hadoop));
    }
    return new PredictModel((String) found[0], (String) found[1], dtype, (ModelConfig) found[2]);
  }
}
