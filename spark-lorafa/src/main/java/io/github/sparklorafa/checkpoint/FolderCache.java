package io.github.sparklorafa.checkpoint;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/**
 * Copies of remote folders on this host's disk, one for each state of a folder.
 *
 * <p>Guaranteed: one process of a host copies, the others wait for it (a file lock, and a monitor
 * between threads); a folder appears under its name only when it is complete (renamed); its bytes
 * are compared with the checksums taken while copying once in each process, and a damaged copy is
 * replaced. A copy that is in use elsewhere stays readable there.
 */
final class FolderCache {
  private static final String MANIFEST = ".spark-lorafa-manifest.json";
  private static final String PARTIAL = ".partial-";
  private static final String DAMAGED = ".damaged-";
  private static final Map<Path, Object> MONITORS = new ConcurrentHashMap<>();
  private static final Set<Path> VERIFIED = ConcurrentHashMap.newKeySet();

  private final Path root;

  FolderCache(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  /**
   * The local copy of {@code files}, made now where there is none.
   *
   * @param key of the folder and its state, fit for a file name
   * @throws IllegalArgumentException if the disk has too little space left
   * @throws UncheckedIOException if it cannot be copied, or was written to meanwhile
   */
  Path folder(String key, FileSystem remote, List<FileStatus> files) {
    Path folder = root.resolve(key);
    synchronized (MONITORS.computeIfAbsent(folder, path -> new Object())) {
      try {
        Files.createDirectories(root);
        try (FileChannel channel =
                FileChannel.open(
                    root.resolve(key + ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock lock = channel.lock()) {
          if (!lock.isValid() || !isGood(folder)) {
            fill(folder, remote, files);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            "Cannot copy to local disk: %s: %s (check free space and the connection, and that nobody writes to the source)"
                .formatted(folder, e.getMessage()),
            e);
      }
    }
    return folder;
  }

  private boolean isGood(Path folder) throws IOException {
    Path manifest = folder.resolve(MANIFEST);
    if (!Files.exists(manifest)) {
      VERIFIED.remove(folder);
      return false;
    }
    if (VERIFIED.contains(folder)) {
      return true;
    }
    boolean good;
    try {
      good = FolderManifest.fromJson(Files.readString(manifest)).differences(folder).isEmpty();
    } catch (IllegalArgumentException e) {
      good = false;
    }
    if (good) {
      VERIFIED.add(folder);
    }
    return good;
  }

  private void fill(Path folder, FileSystem remote, List<FileStatus> files) throws IOException {
    String name = folder.getFileName().toString();
    removeLeftovers(name);
    if (Files.exists(folder)) {
      // Renamed first: who has mapped these files keeps them.
      Files.move(folder, root.resolve(name + DAMAGED + UUID.randomUUID()));
      removeLeftovers(name);
    }
    checkSpace(files);
    Path partial = Files.createDirectory(root.resolve(name + PARTIAL + UUID.randomUUID()));
    try {
      List<FolderManifest.Entry> copied = new ArrayList<>();
      for (FileStatus file : files) {
        copied.add(copy(remote, file, partial));
      }
      AtomicFiles.write(partial.resolve(MANIFEST), new FolderManifest(copied).toJson());
      Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
      VERIFIED.add(folder);
    } finally {
      if (Files.exists(partial)) {
        delete(partial);
      }
    }
  }

  private static FolderManifest.Entry copy(FileSystem remote, FileStatus file, Path partial)
      throws IOException {
    String name = file.getPath().getName();
    FolderManifest.Entry copied;
    try (InputStream in = remote.open(file.getPath());
        FileOutputStream out = new FileOutputStream(partial.resolve(name).toFile())) {
      copied = FolderManifest.copy(in, out, name);
      out.getFD().sync();
    }
    if (copied.bytes() != file.getLen()) {
      throw new IOException(
          "%s had %d bytes when it was listed and %d when it was read"
              .formatted(file.getPath(), file.getLen(), copied.bytes()));
    }
    FileStatus now = remote.getFileStatus(file.getPath());
    if (now.getLen() != file.getLen() || now.getModificationTime() != file.getModificationTime()) {
      throw new IOException(file.getPath() + " was written to while it was copied");
    }
    return copied;
  }

  private void checkSpace(List<FileStatus> files) throws IOException {
    long needed = 0;
    for (FileStatus file : files) {
      needed += file.getLen();
    }
    long free = Files.getFileStore(root).getUsableSpace();
    if (needed > free) {
      throw new IllegalArgumentException(
          "Cannot copy to local disk: %s needs %d MiB and has %d MiB free (set spark.local.dir to a larger disk)"
              .formatted(root, needed >> 20, free >> 20));
    }
  }

  /** Folders of a process that died; nobody else works on them while the lock is held. */
  private void removeLeftovers(String name) throws IOException {
    List<Path> leftovers;
    try (Stream<Path> entries = Files.list(root)) {
      leftovers =
          entries
              .filter(
                  entry -> {
                    String entryName = entry.getFileName().toString();
                    return entryName.startsWith(name + PARTIAL)
                        || entryName.startsWith(name + DAMAGED);
                  })
              .toList();
    }
    for (Path leftover : leftovers) {
      delete(leftover);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> entries;
    try (Stream<Path> tree = Files.walk(folder)) {
      entries = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path entry : entries) {
      Files.delete(entry);
    }
  }
}
