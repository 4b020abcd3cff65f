package io.github.sparklorafa.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.sql.SparkSession;

/**
 * Tells files that hold an array of objects from files with an object a line: Spark reads an array
 * over several lines only if told so, and objects a line only if not.
 *
 * <p>Looks at the first bytes itself; a query for them would compile code and wait for an executor.
 */
final class JsonArrays {
  private static final int BUFFER_BYTES = 1 << 12;
  private static final int END = -1;

  private JsonArrays() {}

  /**
   * Whether the first character that is not blank, in the order of the files, opens an array.
   *
   * @param options of Spark's reader, which say what files are read
   */
  static boolean in(SparkSession spark, String location, Map<String, String> options)
      throws IOException {
    Configuration hadoop = spark.sessionState().newHadoopConf();
    CompressionCodecFactory codecs = new CompressionCodecFactory(hadoop);
    for (String uri : spark.read().options(options).text(location).inputFiles()) {
      Path file = new Path(URI.create(uri));
      try (InputStream in = opened(file, codecs, hadoop)) {
        int first = first(in);
        if (first != END) {
          return first == '[';
        }
      }
    }
    return false;
  }

  private static InputStream opened(Path file, CompressionCodecFactory codecs, Configuration hadoop)
      throws IOException {
    InputStream raw = file.getFileSystem(hadoop).open(file, BUFFER_BYTES);
    CompressionCodec codec = codecs.getCodec(file);
    return codec == null ? raw : codec.createInputStream(raw);
  }

  /** The first byte that is neither blank nor of a byte order mark, or half of such a character. */
  private static int first(InputStream in) throws IOException {
    byte[] bytes = new byte[BUFFER_BYTES];
    for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
      for (int i = 0; i < read; i++) {
        if (bytes[i] > ' ') {
          return bytes[i];
        }
      }
    }
    return END;
  }
}
