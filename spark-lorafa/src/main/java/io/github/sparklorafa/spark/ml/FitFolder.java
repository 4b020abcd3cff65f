package io.github.sparklorafa.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of one fit: all executors must reach it, and no other fit may write there, since cross
 * validation fits one estimator many times.
 */
final class FitFolder {
  private static final Logger LOG = LoggerFactory.getLogger(FitFolder.class);

  private final Path path;
  private final boolean temporary;
  private final Configuration hadoop;

  private FitFolder(Path path, boolean temporary, Configuration hadoop) {
    this.path = path;
    this.temporary = temporary;
    this.hadoop = hadoop;
  }

  /**
   * A folder that does not exist yet: in {@code output}, or else a temporary one in the session's
   * checkpoint directory, in the user's home on the default file system, or, where all executors
   * are on this machine, on its disk.
   *
   * @throws IllegalArgumentException if no such place is known
   */
  static FitFolder of(SparkSession spark, String output, String uid) {
    Configuration hadoop = spark.sessionState().newHadoopConf();
    String name = uid + "-" + UUID.randomUUID().toString().substring(0, 8);
    try {
      Path parent = output.isEmpty() ? temporary(spark.sparkContext(), hadoop) : new Path(output);
      Path path = parent.getFileSystem(hadoop).makeQualified(new Path(parent, name));
      return new FitFolder(path, output.isEmpty(), hadoop);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot use output: " + output + " (check the path and spark.hadoop.* settings)", e);
    }
  }

  private static Path temporary(SparkContext context, Configuration hadoop) throws IOException {
    if (context.getCheckpointDir().isDefined()) {
      return new Path(context.getCheckpointDir().get());
    }
    if (context.isLocal() || context.master().startsWith("local-cluster")) {
      return new Path("file://" + System.getProperty("java.io.tmpdir"));
    }
    FileSystem usual = FileSystem.get(hadoop);
    if (usual instanceof LocalFileSystem) {
      throw new IllegalArgumentException(
          ("Cannot choose a folder for the trained adapter: %s is not reached by all executors (set"
                  + " param output, or the session's checkpoint directory)")
              .formatted(usual.getUri()));
    }
    return new Path(usual.getHomeDirectory(), ".spark-lorafa");
  }

  String path() {
    return path.toString();
  }

  /** The complete URI of another folder, which means the same in another session. */
  String qualified(String folder) {
    try {
      Path other = new Path(folder);
      return other.getFileSystem(hadoop).makeQualified(other).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot use path: " + folder + " (check the path and its scheme)", e);
    }
  }

  /** Once it is there: a temporary one goes with the application. */
  void deleteIfTemporary() {
    if (temporary) {
      try {
        LOG.info("{} is deleted when the application ends, unless the model is saved", path);
        boolean unused = path.getFileSystem(hadoop).deleteOnExit(path);
      } catch (IOException e) {
        LOG.warn("{} will stay when the application ends", path, e);
      }
    }
  }
}
