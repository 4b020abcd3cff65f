package io.github.sparklorafa.spark.stage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Folders and their small files, on any of Hadoop's file systems. */
final class Locations {
  static final String MODEL_CONFIG = "config.json";
  static final String ADAPTER_CONFIG = "adapter_config.json";

  /** As large as JSON may be in a local checkpoint. */
  private static final int LARGEST_BYTES = 64 << 20;

  private Locations() {}

  /** The complete URI, which means the same on every machine. */
  static String qualified(String location, Configuration hadoop) {
    try {
      Path path = new Path(location);
      FileSystem files = path.getFileSystem(hadoop);
      return files.makeQualified(path).toString();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          String.format("Cannot use path: %s (%s)", location, e.getMessage()), e);
    }
  }

  /**
   * The text of the file {@code name} in a folder.
   *
   * @throws IllegalArgumentException if there is none, or it is larger than any such file is
   */
  static String read(String folder, String name, Configuration hadoop) {
    Path path = new Path(folder, name);
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      byte[] bytes = in.readNBytes(LARGEST_BYTES + 1);
      if (bytes.length > LARGEST_BYTES) {
        throw new IllegalArgumentException(
            "Cannot read: %s has more than %d bytes (name a folder with a checkpoint's own %s)"
                .formatted(path, LARGEST_BYTES, name));
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      throw new IllegalArgumentException(
          String.format("Cannot read: %s (name a folder that holds %s)", path, name), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read: " + path + " (check the connection)", e);
    }
  }
}
