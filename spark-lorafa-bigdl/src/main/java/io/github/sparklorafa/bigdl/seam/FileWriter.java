package io.github.sparklorafa.bigdl.seam;

import com.intel.analytics.bigdl.visualization.tensorboard.RecordWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;
import org.tensorflow.util.SessionLog;

/**
 * Writes the events of BigDL's summaries, each when it comes and on the calling thread.
 *
 * <p>BigDL's own one writes on a thread that nobody waits for, opens the file system without the
 * cluster's settings, and closes it in the end, which may be the one that all of Spark shares.
 */
public class FileWriter {
  private static final ThreadLocal<Configuration> SETTINGS = new ThreadLocal<>();
  private static final ThreadLocal<FileWriter> LAST = new ThreadLocal<>();
  private static final double MILLISECONDS = 1e3;
  private static final String VERSION = "brain.Event:2";

  private final RecordWriter records;

  /**
   * What BigDL's summaries call.
   *
   * @param directory that the file goes to, made where it is missing
   */
  public FileWriter(String directory, int ignoredFlushMillis) {
    Path folder = new Path(directory);
    try {
      FileSystem files = folder.getFileSystem(SETTINGS.get());
      files.mkdirs(folder);
      Path file =
          new Path(
              folder,
              "events.out.tfevents.%010d.%s"
                  .formatted(System.currentTimeMillis() / 1000, UUID.randomUUID()));
      // BigDL opens a local file by its path alone.
      boolean local = files instanceof LocalFileSystem;
      records = new RecordWriter(local ? new Path(file.toUri().getPath()) : file, files);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot write event files: " + directory + " (check free space and permissions)", e);
    }
    LAST.set(this);
    write(Event.newBuilder().setFileVersion(VERSION));
  }

  /** The one that the calling thread has made last. */
  public static FileWriter lastOpened() {
    return LAST.get();
  }

  /** Lets those that the calling thread makes know the cluster's file systems. */
  public static void useSettings(Configuration settings) {
    SETTINGS.set(settings);
  }

  /** Voids what earlier files hold of {@code step} and later ones. */
  public void restartAt(long step) {
    SessionLog start = SessionLog.newBuilder().setStatus(SessionLog.SessionStatus.START).build();
    write(Event.newBuilder().setSessionLog(start).setStep(step));
  }

  /** What BigDL's summaries call. */
  public FileWriter addSummary(Summary summary, long step) {
    write(Event.newBuilder().setSummary(summary).setStep(step));
    return this;
  }

  private void write(Event.Builder event) {
    records.write(event.setWallTime(System.currentTimeMillis() / MILLISECONDS).build());
  }

  public void close() {
    records.close();
  }
}
