package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.checkpoint.RemoteFolder.IfExists;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Writes a folder to one of Hadoop's file systems: staged first, then renamed. */
final class OutputFolder {
  /** Schemes whose folders are renamed as a whole or not at all. */
  private static final Set<String> RENAME_WHOLE =
      Set.of("file", "hdfs", "viewfs", "webhdfs", "swebhdfs", "abfs", "abfss", "ofs", "maprfs");

  private static final Set<String> CONFIGURATIONS =
      Set.of(HuggingFaceFolder.CONFIG, AdapterFiles.CONFIG);

  private final FileSystem fileSystem;
  private final Path path;

  private OutputFolder(String location, Configuration configuration) throws IOException {
    Path given = RemoteFolder.path(location);
    FileSystem found = given.getFileSystem(configuration);
    // Without the checksum layer of the local file system, whose .crc files would litter the
    // output.
    this.fileSystem = found instanceof LocalFileSystem local ? local.getRawFileSystem() : found;
    this.path = found.makeQualified(given);
  }

  static String upload(java.nio.file.Path folder, String staging, Configuration configuration) {
    try {
      return new OutputFolder(staging, configuration).copyFrom(folder).toJson();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot upload: %s to %s (check permissions and free space)".formatted(folder, staging),
          e);
    }
  }

  private FolderManifest copyFrom(java.nio.file.Path folder) throws IOException {
    if (fileSystem.exists(path)) {
      throw new IllegalArgumentException(
          "Cannot upload: " + path + " exists (give a new staging folder)");
    }
    fileSystem.mkdirs(path);
    List<java.nio.file.Path> files;
    try (Stream<java.nio.file.Path> tree = Files.walk(folder)) {
      files = tree.filter(Files::isRegularFile).sorted().toList();
    }
    List<FolderManifest.Entry> copied = new ArrayList<>();
    for (java.nio.file.Path file : files) {
      String name = folder.relativize(file).toString();
      Path target = new Path(path, name);
      fileSystem.mkdirs(target.getParent());
      try (InputStream in = Files.newInputStream(file);
          OutputStream out = fileSystem.create(target, false)) {
        copied.add(FolderManifest.copy(in, out, name));
      }
    }
    return new FolderManifest(copied);
  }

  static String add(
      String staging, String manifest, Map<String, String> files, Configuration configuration) {
    try {
      OutputFolder staged = new OutputFolder(staging, configuration);
      List<FolderManifest.Entry> all = new ArrayList<>(FolderManifest.fromJson(manifest).files());
      for (Map.Entry<String, String> file : files.entrySet()) {
        byte[] bytes = file.getValue().getBytes(StandardCharsets.UTF_8);
        try (InputStream in = new ByteArrayInputStream(bytes);
            OutputStream out =
                staged.fileSystem.create(new Path(staged.path, file.getKey()), false)) {
          all.add(FolderManifest.copy(in, out, file.getKey()));
        }
      }
      return new FolderManifest(all).toJson();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot add to: " + staging + " (check permissions and free space)", e);
    }
  }

  static void write(
      String output, Consumer<java.nio.file.Path> writer, Configuration configuration) {
    check(output, IfExists.REFUSE, configuration);
    String staging = output.replaceAll("/+$", "") + ".staging-" + UUID.randomUUID();
    try {
      OutputFolder staged = new OutputFolder(staging, configuration);
      boolean local = RemoteFolder.isLocal(staged.fileSystem);
      java.nio.file.Path folder =
          local
              ? java.nio.file.Path.of(staged.path.toUri().getPath())
              : Files.createTempDirectory("spark-lorafa-output");
      try {
        writer.accept(folder);
        if (local) {
          OutputFolder target = new OutputFolder(output, configuration);
          target.check(IfExists.REFUSE);
          target.fileSystem.delete(target.path, false);
          target.fileSystem.mkdirs(target.path.getParent());
          target.rename(staged.path, target.path);
        } else {
          promote(
              staging,
              output,
              upload(folder, staging, configuration),
              IfExists.REFUSE,
              configuration);
        }
      } finally {
        FileUtil.fullyDelete(folder.toFile());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot write output: " + output + " (check permissions and free space)", e);
    }
  }

  static void check(String output, IfExists ifExists, Configuration configuration) {
    try {
      new OutputFolder(output, configuration).check(ifExists);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot use output: " + output + " (check the path and the connection)", e);
    }
  }

  private void check(IfExists ifExists) throws IOException {
    if (path.getParent() == null) {
      throw new IllegalArgumentException(
          "Cannot write output: " + path + " is a root (name a folder in it)");
    }
    if (ifExists == IfExists.REFUSE && fileSystem.exists(path) && !isEmptyFolder()) {
      throw new IllegalArgumentException(
          "Cannot write output: " + path + " exists (give another one, or delete it)");
    }
  }

  private boolean isEmptyFolder() throws IOException {
    return fileSystem.getFileStatus(path).isDirectory() && fileSystem.listStatus(path).length == 0;
  }

  static void promote(
      String staging,
      String output,
      String manifest,
      IfExists ifExists,
      Configuration configuration) {
    try {
      OutputFolder staged = new OutputFolder(staging, configuration);
      OutputFolder target = new OutputFolder(output, configuration);
      FolderManifest files = FolderManifest.fromJson(manifest);
      staged.compare(files);
      target.check(ifExists);
      target.takeFrom(staged, files);
      target.compare(files);
    } catch (IOException e) {
      throw new UncheckedIOException(
          ("Cannot write output: %s: %s (nothing is lost: move there what lies in %s, the file"
                  + " config.json or adapter_config.json last)")
              .formatted(output, e.getMessage(), staging),
          e);
    }
  }

  private void compare(FolderManifest manifest) throws IOException {
    Problems problems = new Problems("Cannot use output: " + path, "run again");
    for (FolderManifest.Entry file : manifest.files()) {
      Path staged = new Path(path, file.name());
      if (!fileSystem.exists(staged)) {
        problems.add(file.name() + " is missing");
      } else if (fileSystem.getFileStatus(staged).getLen() != file.bytes()) {
        problems.add(
            "%s has %d bytes instead of %d"
                .formatted(file.name(), fileSystem.getFileStatus(staged).getLen(), file.bytes()));
      }
    }
    problems.throwIfAny();
  }

  private void takeFrom(OutputFolder staged, FolderManifest files) throws IOException {
    Path before = null;
    if (fileSystem.exists(path)) {
      before = path.suffix(".replaced-" + UUID.randomUUID());
      rename(path, before);
    } else {
      fileSystem.mkdirs(path.getParent());
    }
    try {
      if (RENAME_WHOLE.contains(fileSystem.getUri().getScheme())) {
        rename(staged.path, path);
      } else {
        moveEach(staged, files);
      }
    } catch (IOException e) {
      if (before != null && !fileSystem.exists(path)) {
        restore(before, e);
      }
      throw e;
    }
    if (before != null) {
      fileSystem.delete(before, true);
    }
  }

  /**
   * An object store copies and deletes file by file when a folder is renamed, and may stop between
   * two. Here each file arrives whole, and last the one without which nobody takes the folder for a
   * checkpoint.
   */
  private void moveEach(OutputFolder staged, FolderManifest files) throws IOException {
    List<String> names =
        files.files().stream()
            .map(FolderManifest.Entry::name)
            .sorted(Comparator.comparing(CONFIGURATIONS::contains))
            .toList();
    for (String name : names) {
      Path target = new Path(path, name);
      fileSystem.mkdirs(target.getParent());
      rename(new Path(staged.path, name), target);
    }
    fileSystem.delete(staged.path, true);
  }

  private void restore(Path before, IOException cause) {
    try {
      rename(before, path);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fileSystem.rename(from, to)) {
      throw new IOException("the file system did not rename " + from + " to " + to);
    }
  }
}
