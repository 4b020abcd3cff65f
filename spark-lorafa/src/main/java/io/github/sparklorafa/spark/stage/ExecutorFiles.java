package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.TextTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.Utils;

/**
 * What the tasks of one executor share: its local folders, and one tokenizer for each checkpoint.
 */
final class ExecutorFiles {
  private static final Map<String, TextTokenizer> TOKENIZERS = new ConcurrentHashMap<>();

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

  /**
   * The tokenizer of a checkpoint; opened once, then shared by all threads and never closed.
   *
   * @param embeddings of its model, beyond which no id may lie
   */
  static TextTokenizer tokenizer(String model, int embeddings, Configuration hadoop) {
    return TOKENIZERS.computeIfAbsent(
        model, location -> TextTokenizer.open(jsonFiles(location, hadoop), embeddings));
  }

  /**
   * A new local folder with the small files of a checkpoint: those with the tokenizer, no weights.
   */
  private static Path jsonFiles(String model, Configuration hadoop) {
    org.apache.hadoop.fs.Path remote = new org.apache.hadoop.fs.Path(model);
    try {
      Path local = Files.createTempDirectory(folder("tokenizers"), "tokenizer");
      FileSystem files = remote.getFileSystem(hadoop);
      for (FileStatus file : files.listStatus(remote)) {
        String name = file.getPath().getName();
        if (file.isFile() && name.endsWith(".json") && !name.endsWith(".index.json")) {
          try (var in = files.open(file.getPath())) {
            Files.copy(in, local.resolve(name));
          }
        }
      }
      return local;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot copy the tokenizer: " + model, e);
    }
  }
}
