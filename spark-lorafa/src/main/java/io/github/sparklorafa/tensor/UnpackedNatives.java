package io.github.sparklorafa.tensor;

import java.io.File;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.CodeSource;
import org.bytedeco.javacpp.Loader;

/**
 * Lets one process of a host unpack the natives, while the others wait.
 *
 * <p>JavaCPP unpacks libraries one by one under their final names. A second process that loads one
 * which is whole has the system's loader map those it depends on, half written, and dies of a
 * SIGBUS: two executors that start on a host where nobody has unpacked them yet. So the first
 * process holds a lock until all are loaded, and leaves a mark; nobody waits where the mark is.
 */
final class UnpackedNatives implements AutoCloseable {
  /** Not SLF4J, which Spark brings: {@code bench} runs the jar alone. */
  private static final System.Logger LOG = System.getLogger(UnpackedNatives.class.getName());

  private final Path mark;
  private final FileChannel channel;
  private final FileLock lock;

  private UnpackedNatives(Path mark, FileChannel channel, FileLock lock) {
    this.mark = mark;
    this.channel = channel;
    this.lock = lock;
  }

  /** Waits until no other process unpacks the natives of {@code presets}. */
  static UnpackedNatives claim(Class<?> presets) {
    try {
      Path cache = Loader.getCacheDir().toPath();
      Path mark = cache.resolve(".unpacked-" + identity(presets));
      if (Files.exists(mark)) {
        return new UnpackedNatives(mark, null, null);
      }
      FileChannel channel =
          FileChannel.open(
              cache.resolve(".unpacking"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      return new UnpackedNatives(mark, channel, channel.lock());
    } catch (IOException e) {
      // Some file systems have no locks; then all is as it was without one.
      LOG.log(Level.WARNING, "Natives are unpacked without a lock: this file system has none", e);
      return new UnpackedNatives(null, null, null);
    }
  }

  /** Jars of other names or sizes are unpacked anew. */
  private static String identity(Class<?> presets) {
    CodeSource source = presets.getProtectionDomain().getCodeSource();
    File jar = new File(source.getLocation().getPath());
    return jar.getName() + "-" + jar.length();
  }

  /** All of them are there. */
  void complete() {
    if (lock != null) {
      try {
        Files.write(mark, new byte[0]);
      } catch (IOException e) {
        LOG.log(
            Level.WARNING,
            "The natives are not marked as unpacked: the next process takes the lock too",
            e);
      }
    }
  }

  @Override
  public void close() {
    if (lock != null) {
      try {
        lock.release();
        channel.close();
      } catch (IOException e) {
        LOG.log(
            Level.WARNING, "The lock of the natives is not released before this process ends", e);
      }
    }
  }
}
