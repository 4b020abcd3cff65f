package io.github.sparklorafa.checkpoint;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * Brings checkpoint and adapter folders from any of Hadoop's file systems to local disk, where they
 * can be mapped.
 *
 * <p>All methods block while they copy, and may be called by any thread of any process of the host.
 */
public final class RemoteFolder {
  /** What a checkpoint or an adapter consists of; pickles and other frameworks' files stay away. */
  private static final Set<String> USEFUL =
      Set.of("safetensors", "json", "jinja", "model", "txt", "md");

  private static final String CONSOLIDATED = "consolidated";

  private static final int KEY_BYTES = 12;

  private RemoteFolder() {}

  /** As {@link #fetch(String, Path, Configuration)}, with Hadoop's default configuration. */
  public static Path fetch(String location, Path cacheRoot) {
    return fetch(location, cacheRoot, new Configuration());
  }

  /**
   * The local folder with the files of {@code location}: itself where that is local, else a copy
   * under {@code cacheRoot} that all processes of the host share. The copy is made once for each
   * path and each state of its files (lengths and modification times), and its checksums are
   * verified by each process that uses it. Subfolders are not copied.
   *
   * @param location a local path or a URI such as {@code hdfs:} or {@code s3a:}
   * @throws IllegalArgumentException if there is no such folder, or it holds pickles only
   * @throws UncheckedIOException if it cannot be read or copied
   */
  public static Path fetch(String location, Path cacheRoot, Configuration configuration) {
    org.apache.hadoop.fs.Path path = path(location);
    try {
      FileSystem fileSystem = path.getFileSystem(configuration);
      org.apache.hadoop.fs.Path qualified = fileSystem.makeQualified(path);
      List<FileStatus> files = list(location, fileSystem, qualified);
      PickleFiles.refuseAlone(
          location, files.stream().map(file -> file.getPath().getName()).toList());
      if (isLocal(fileSystem)) {
        return new File(qualified.toUri().getPath()).toPath();
      }
      List<FileStatus> useful = useful(files);
      return new FolderCache(cacheRoot).folder(key(qualified, useful), fileSystem, useful);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot read folder: "
              + location
              + " (check the path, the connection and spark.hadoop.* settings)",
          e);
    }
  }

  /**
   * A local folder by which {@code location} can be checked: itself where that is local, else
   * {@code into} with its JSON files, and of safetensors files the headers alone before a hole of
   * the data's length. So a checkpoint of any size is looked into in seconds, and {@link
   * HuggingFaceFolder#checkTensors} and {@link AdapterFiles#open} say what they would of the whole.
   *
   * @throws IllegalArgumentException if there is no such folder, or it holds pickles only
   * @throws UncheckedIOException if it cannot be read
   */
  public static Path outline(String location, Path into, Configuration configuration) {
    return FolderOutline.of(location, into, configuration);
  }

  static org.apache.hadoop.fs.Path path(String location) {
    try {
      return new org.apache.hadoop.fs.Path(location);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Cannot use folder: " + location + " (give a path or a URI)", e);
    }
  }

  static boolean isLocal(FileSystem fileSystem) {
    return fileSystem instanceof LocalFileSystem || fileSystem instanceof RawLocalFileSystem;
  }

  static List<FileStatus> list(
      String location, FileSystem fileSystem, org.apache.hadoop.fs.Path folder) throws IOException {
    if (!fileSystem.exists(folder) || !fileSystem.getFileStatus(folder).isDirectory()) {
      throw new IllegalArgumentException(
          "Cannot read folder: "
              + location
              + " (there is no such folder; download a model of the Hugging Face hub first)");
    }
    return Arrays.stream(fileSystem.listStatus(folder))
        .filter(FileStatus::isFile)
        .sorted(Comparator.comparing(file -> file.getPath().getName()))
        .toList();
  }

  /**
   * Without the second copy of all weights, {@code consolidated*.safetensors}, that Mistral's
   * repositories have beside those that Hugging Face's library reads.
   */
  static List<FileStatus> useful(List<FileStatus> files) {
    boolean weights =
        files.stream()
            .map(file -> file.getPath().getName())
            .anyMatch(name -> name.equals(ShardIndex.SINGLE) || name.equals(ShardIndex.INDEX));
    return files.stream()
        .filter(RemoteFolder::isUseful)
        .filter(file -> !weights || !file.getPath().getName().startsWith(CONSOLIDATED))
        .toList();
  }

  private static boolean isUseful(FileStatus file) {
    String name = file.getPath().getName();
    int dot = name.lastIndexOf('.');
    return !name.startsWith(".")
        && dot >= 0
        && USEFUL.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }

  private static String key(org.apache.hadoop.fs.Path folder, List<FileStatus> files) {
    StringBuilder state = new StringBuilder(folder.toString());
    for (FileStatus file : files) {
      state
          .append('\n')
          .append(file.getPath().getName())
          .append('\t')
          .append(file.getLen())
          .append('\t')
          .append(file.getModificationTime());
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(state.toString().getBytes(StandardCharsets.UTF_8));
      String readable = folder.getName().replaceAll("[^A-Za-z0-9._-]", "_");
      return readable + "-" + HexFormat.of().formatHex(digest, 0, KEY_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 (use a complete JDK)", e);
    }
  }

  /**
   * Copies a local folder to a staging place, which must not exist.
   *
   * @return the manifest of what was copied, for {@link #promote}
   * @throws UncheckedIOException if it cannot be copied
   */
  public static String upload(Path folder, String staging, Configuration configuration) {
    return OutputFolder.upload(folder, staging, configuration);
  }

  /**
   * Puts small files into a staged folder.
   *
   * @param manifest what {@link #upload} returned
   * @param files texts by name
   * @return the manifest with these files
   * @throws UncheckedIOException if one cannot be written; the folder is still what {@code
   *     manifest} says
   */
  public static String add(
      String staging, String manifest, Map<String, String> files, Configuration configuration) {
    return OutputFolder.add(staging, manifest, files, configuration);
  }

  /**
   * Refuses an output that exists, before any work is done for it.
   *
   * @throws IllegalArgumentException if there is something at {@code output} and it may not be
   *     replaced
   */
  public static void checkOutput(String output, IfExists ifExists, Configuration configuration) {
    OutputFolder.check(output, ifExists, configuration);
  }

  /**
   * Makes a staged folder the output by renaming it. On HDFS and local disks readers see all of it
   * or nothing; on object stores each file arrives whole, and {@code config.json} or {@code
   * adapter_config.json} last, without which nobody takes the folder for a checkpoint.
   *
   * @param manifest what {@link #upload} returned; lengths are compared first
   * @throws IllegalArgumentException if the output exists and may not be replaced, or the staged
   *     folder is not what was uploaded
   * @throws UncheckedIOException if it cannot be renamed; what was staged and not yet moved stays
   *     there
   */
  public static void promote(
      String staging,
      String output,
      String manifest,
      IfExists ifExists,
      Configuration configuration) {
    OutputFolder.promote(staging, output, manifest, ifExists, configuration);
  }

  /**
   * Writes a new folder, which is there completely or not at all on HDFS and local disks.
   *
   * <p>A local one is written beside its place and renamed; any other is written to the folder for
   * temporary files first.
   *
   * @param writer fills the local folder that it is given
   * @throws IllegalArgumentException if there is something at {@code output}
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(String output, Consumer<Path> writer, Configuration configuration) {
    OutputFolder.write(output, writer, configuration);
  }

  /** What happens to an output that exists. */
  public enum IfExists {
    /** It is an error. */
    REFUSE,
    /** It is replaced once the new one is complete. */
    REPLACE
  }
}
