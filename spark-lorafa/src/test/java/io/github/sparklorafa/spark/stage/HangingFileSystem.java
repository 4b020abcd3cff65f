package io.github.sparklorafa.spark.stage;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.SparkEnv;

/**
 * The local files under another name. The first executor that looks while there is a {@link
 * #MARKER} takes that away and never comes back, as from a server that is gone.
 */
public final class HangingFileSystem extends RawLocalFileSystem {
  static final String SCHEME = "hanging";

  /** The setting that names the marker's path. */
  static final String MARKER = "test.hanging.marker";

  private static final URI NAME = URI.create(SCHEME + ":///");

  private File marker;

  @Override
  public void initialize(URI uri, Configuration conf) throws IOException {
    super.initialize(uri, conf);
    setConf(conf);
    marker = new File(conf.get(MARKER));
  }

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    if (!SparkEnv.get().executorId().equals("driver") && marker.delete()) {
      sleepForEver();
    }
    return super.getFileStatus(path);
  }

  private static void sleepForEver() {
    while (true) {
      try {
        TimeUnit.DAYS.sleep(1);
      } catch (InterruptedException e) {
        // What hangs in a file system is not woken by that.
      }
    }
  }
}
