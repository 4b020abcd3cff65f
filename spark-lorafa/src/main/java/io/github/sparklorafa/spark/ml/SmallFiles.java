package io.github.sparklorafa.spark.ml;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Small texts on any of Hadoop's file systems. */
final class SmallFiles {
  /** A summary of half a million steps has fewer. */
  private static final int LARGEST_BYTES = 256 << 20;

  private SmallFiles() {}

  static void write(Path file, String text, Configuration hadoop) throws IOException {
    try (OutputStream out = file.getFileSystem(hadoop).create(file, true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  static String read(Path file, Configuration hadoop) throws IOException {
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      byte[] bytes = in.readNBytes(LARGEST_BYTES + 1);
      if (bytes.length > LARGEST_BYTES) {
        throw new IOException(file + " has more than " + LARGEST_BYTES + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
