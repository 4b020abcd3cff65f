package io.github.sparklorafa.spark.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.Utils;

/** The local folders that the tasks of one executor share. */
final class ExecutorFiles {
  private ExecutorFiles() {}

  /** A folder on this executor's local disk; Spark deletes it with the executor's others. */
  static Path folder(String name) {
    try {
      Path root = Path.of(Utils.getLocalDir(SparkEnv.get().conf()), "spark-lorafa", name);
      return Files.createDirectories(root);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot make a local folder (check spark.local.dir): " + name, e);
    }
  }
}
