package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.ProgressListener;
import java.util.Optional;
import java.util.ServiceLoader;
import org.apache.hadoop.conf.Configuration;

/**
 * Writes a run's progress as event files, which TensorBoard shows. Another jar brings it; {@link
 * ServiceLoader} finds it.
 */
public interface EventFiles {
  /**
   * Opens the files of a run. They are closed when training is over.
   *
   * @param folder complete URI
   * @param run name of a folder in it
   * @throws IllegalArgumentException if nothing can be written there
   */
  ProgressListener open(String folder, String run, Configuration hadoop);

  /** What the jars on the class path bring. */
  static Optional<EventFiles> find() {
    return ServiceLoader.load(EventFiles.class).findFirst();
  }
}
