package io.github.sparklorafa.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.MLReader;

/**
 * Loads what {@link ParamsWriter} or {@link ModelWriter} saved.
 *
 * @param <T> the stage
 */
final class StageReader<T extends Params> extends MLReader<T> {
  private final Class<T> type;
  private final Function<String, T> constructor;

  /**
   * @param constructor makes a stage with a uid
   */
  StageReader(Class<T> type, Function<String, T> constructor) {
    this.type = type;
    this.constructor = constructor;
  }

  /**
   * @throws IllegalArgumentException if no such stage was saved there
   */
  @Override
  public T load(String path) {
    Configuration hadoop = sparkSession().sessionState().newHadoopConf();
    try {
      StageMetadata metadata = StageMetadata.read(path, type, hadoop);
      T stage = constructor.apply(metadata.uid());
      metadata.setParams(stage);
      if (stage instanceof LoraFaModel<?> model) {
        model.trained(TunedFolder.savedIn(path, hadoop), summary(path, hadoop));
      }
      return stage;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot load: " + path + " (check the connection)", e);
    }
  }

  private static LoraFaTrainingSummary summary(String path, Configuration hadoop)
      throws IOException {
    Path file = new Path(path, ModelWriter.SUMMARY);
    return file.getFileSystem(hadoop).exists(file)
        ? LoraFaTrainingSummary.fromJson(SmallFiles.read(file, hadoop))
        : null;
  }
}
