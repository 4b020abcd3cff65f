package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.RemoteFolder;
import io.github.sparklorafa.checkpoint.RemoteFolder.IfExists;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A hidden folder beside the output, on the same file system, for everything that is on its way.
 *
 * <p>Closing it deletes it, with all that is still in it, unless a result could not be brought to
 * its place; that it can't be deleted is logged and hides no other error.
 */
final class Staging implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Staging.class);

  private final Path folder;
  private final Configuration hadoop;

  /** Whether a result lies here that could not be brought to its place: it must not be lost. */
  private boolean kept;

  private Staging(Path folder, Configuration hadoop) {
    this.folder = folder;
    this.hadoop = hadoop;
  }

  /** Makes the folder. */
  static Staging beside(String output, Configuration hadoop) {
    Path target = new Path(output);
    Path folder =
        new Path(
            target.getParent(),
            "." + target.getName() + ".staging-" + UUID.randomUUID().toString().substring(0, 8));
    try {
      folder.getFileSystem(hadoop).mkdirs(folder);
      return new Staging(folder, hadoop);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot make a staging folder: " + folder + " (check the permissions beside the output)",
          e);
    }
  }

  String path(String name) {
    return new Path(folder, name).toString();
  }

  /**
   * Puts small files beside a result, which is as good without them: whatever goes wrong with them
   * must not lose it.
   *
   * @return the manifest with these files or, where they can't be made or written, as it was
   */
  String add(String name, String manifest, Supplier<Map<String, String>> files) {
    try {
      return RemoteFolder.add(path(name), manifest, files.get(), hadoop);
    } catch (RuntimeException e) {
      LOG.warn("The result has no card", e);
      return manifest;
    }
  }

  void promote(String name, String manifest, String output) {
    kept = true;
    RemoteFolder.promote(path(name), output, manifest, IfExists.REFUSE, hadoop);
    kept = false;
  }

  @Override
  public void close() {
    if (kept) {
      return;
    }
    try {
      folder.getFileSystem(hadoop).delete(folder, true);
    } catch (IOException e) {
      LOG.warn("Could not delete {}", folder, e);
    }
  }
}
