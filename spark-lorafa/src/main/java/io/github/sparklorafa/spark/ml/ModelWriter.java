package io.github.sparklorafa.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.util.MLWriter;

/**
 * Saves a model: {@code adapter} as PEFT has it (or {@code checkpoint} as transformers has it),
 * {@code summary.json}, and last the metadata, without which nobody takes the folder for a model.
 */
final class ModelWriter extends MLWriter {
  static final String SUMMARY = "summary.json";

  private final LoraFaModel<?> model;

  ModelWriter(LoraFaModel<?> model) {
    this.model = model;
  }

  /**
   * Saves the model.
   *
   * @throws IllegalArgumentException if its own files are in {@code path}, where Spark would delete
   *     them first
   */
  @Override
  public void save(String path) throws IOException {
    Configuration hadoop = sparkSession().sessionState().newHadoopConf();
    model.tuned().checkThere(hadoop);
    TunedFolder.checkOutside(path, model.folder(), hadoop);
    TunedFolder.checkOutside(path, model.isDefined(model.model()) ? model.getModel() : "", hadoop);
    super.save(path);
  }

  @Override
  public void saveImpl(String path) {
    Configuration hadoop = sparkSession().sessionState().newHadoopConf();
    try {
      model.tuned().saveIn(path, hadoop);
      if (model.hasSummary()) {
        SmallFiles.write(new Path(path, SUMMARY), model.summary().toJson(), hadoop);
      }
      StageMetadata.write(model, path, sc().version(), hadoop);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot save: " + path + " (check the permissions)", e);
    }
  }
}
