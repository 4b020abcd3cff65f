package io.github.sparklorafa.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.MLWriter;

/** Saves a stage that is nothing but its params. */
final class ParamsWriter extends MLWriter {
  private final Params stage;

  ParamsWriter(Params stage) {
    this.stage = stage;
  }

  @Override
  public void saveImpl(String path) {
    try {
      StageMetadata.write(
          stage, path, sc().version(), sparkSession().sessionState().newHadoopConf());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot save: " + path + " (check the permissions)", e);
    }
  }
}
