package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.checkpoint.SafetensorsWriter.Entry;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * A folder with checkpoints of training, on any of Hadoop's file systems:
 *
 * <pre>
 *   step-000100/state.safetensors   what is trained, and the optimizer's moments
 *               best.safetensors    the values of the best step, where one is kept
 *               state.json          the header: step, settings, totals
 *               manifest.json       lengths and checksums of the others; written last
 *   .step-000200-…/                 one that is being written, or was when its writer died
 * </pre>
 *
 * <p>A checkpoint is written aside and renamed, so at any moment the folder holds whole ones only;
 * where a file system renames file by file, or damages files, the manifest tells. One process
 * writes, any number may read. All methods block.
 */
public final class TrainingCheckpoints {
  static final String HEADER = "state.json";
  static final String TENSORS = "state.safetensors";
  static final String BEST = "best.safetensors";
  static final String MANIFEST = "manifest.json";

  private static final Pattern NAME = Pattern.compile("step-(\\d{6,18})");
  private static final String ASIDE = ".step-";
  private static final int LONGEST_MANIFEST = 1 << 16;
  private static final Set<String> KNOWN = Set.of(HEADER, TENSORS, BEST);

  private final FileSystem fileSystem;
  private final Path folder;
  private final Pattern readable;

  private TrainingCheckpoints(FileSystem fileSystem, Path folder, Pattern readable) {
    this.fileSystem = fileSystem;
    this.folder = folder;
    this.readable = readable;
  }

  /**
   * The checkpoints of a folder, to read and to write, which need not exist yet.
   *
   * @throws IllegalArgumentException if the folder is named as a checkpoint is: a run that writes
   *     beside it would take it for one of its own, and delete it when newer ones are there
   * @throws UncheckedIOException if its file system cannot be reached
   */
  public static TrainingCheckpoints in(String folder, Configuration configuration) {
    TrainingCheckpoints found = at(folder, configuration);
    if (found.isSingle() || found.folder.getName().startsWith(ASIDE)) {
      throw new IllegalArgumentException(
          "Cannot write checkpoints: %s has the name of a single one (name the folder around it, or another; resume may name a single one)"
              .formatted(folder));
    }
    return found;
  }

  private boolean isSingle() {
    return readable != NAME;
  }

  /**
   * The checkpoints of a folder, which need not exist yet; or, where {@code location} is a
   * checkpoint itself, that one alone, to read.
   *
   * @throws UncheckedIOException if its file system cannot be reached
   */
  public static TrainingCheckpoints at(String location, Configuration configuration) {
    try {
      Path given = RemoteFolder.path(location);
      FileSystem found = given.getFileSystem(configuration);
      Path path = found.makeQualified(given);
      FileSystem plain = found instanceof LocalFileSystem local ? local.getRawFileSystem() : found;
      return NAME.matcher(path.getName()).matches() && path.getParent() != null
          ? new TrainingCheckpoints(
              plain, path.getParent(), Pattern.compile(Pattern.quote(path.getName())))
          : new TrainingCheckpoints(plain, path, NAME);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot use checkpoints: " + location + " (check the path and the connection)", e);
    }
  }

  /** Whether both are in the same folder. */
  public boolean sharesFolderWith(TrainingCheckpoints other) {
    return folder.equals(other.folder);
  }

  /** The steps of the checkpoints, newest first; whether they are whole, reading them tells. */
  public List<Long> steps() {
    return told("list checkpoints", folder, this::listed);
  }

  private List<Long> listed() throws IOException {
    try {
      return Arrays.stream(fileSystem.listStatus(folder))
          .filter(FileStatus::isDirectory)
          .map(status -> status.getPath().getName())
          .filter(name -> readable.matcher(name).matches())
          .map(TrainingCheckpoints::step)
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  private static long step(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }

  /** The folder's name of the checkpoint after {@code step} steps. */
  public static String name(long step) {
    return "step-%06d".formatted(step);
  }

  /**
   * Writes a checkpoint, or replaces the one of that step.
   *
   * @param header JSON
   * @param best local file with the values of the best step
   * @throws UncheckedIOException if that fails; the checkpoints that were there stay
   */
  public void write(
      long step, String header, Collection<Entry> tensors, Optional<java.nio.file.Path> best) {
    Path target = new Path(folder, name(step));
    told(
        "write checkpoint",
        target,
        () -> {
          Path aside = new Path(folder, ASIDE + "%06d-%s".formatted(step, UUID.randomUUID()));
          try {
            fill(aside, header, tensors, best);
            promote(aside, target);
          } finally {
            fileSystem.delete(aside, true);
          }
          return target;
        });
  }

  private void fill(
      Path aside, String header, Collection<Entry> tensors, Optional<java.nio.file.Path> best)
      throws IOException {
    fileSystem.mkdirs(aside);
    List<FolderManifest.Entry> files = new ArrayList<>();
    files.add(write(aside, TENSORS, out -> SafetensorsWriter.write(out, tensors)));
    if (best.isPresent()) {
      files.add(write(aside, BEST, out -> Files.copy(best.get(), out)));
    }
    files.add(write(aside, HEADER, text(header)));
    write(aside, MANIFEST, text(new FolderManifest(files).toJson()));
  }

  private static AtomicFiles.Content text(String text) {
    return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private FolderManifest.Entry write(Path aside, String name, AtomicFiles.Content content)
      throws IOException {
    try (FSDataOutputStream out = fileSystem.create(new Path(aside, name), false)) {
      CheckedOutputStream checked = new CheckedOutputStream(out, new CRC32C());
      content.writeTo(checked);
      checked.flush();
      if (out.hasCapability(StreamCapabilities.HSYNC)) {
        out.hsync();
      }
      return new FolderManifest.Entry(name, out.getPos(), checked.getChecksum().getValue());
    }
  }

  private void promote(Path aside, Path target) throws IOException {
    Path before = new Path(folder, ASIDE + "replaced-" + UUID.randomUUID());
    boolean replaces = fileSystem.exists(target);
    if (replaces) {
      rename(target, before);
    }
    try {
      rename(aside, target);
    } catch (IOException e) {
      // Where files are renamed one by one, some have arrived: not a checkpoint that counts.
      fileSystem.delete(target, true);
      if (replaces) {
        rename(before, target);
      }
      throw e;
    }
    if (replaces) {
      fileSystem.delete(before, true);
    }
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fileSystem.rename(from, to)) {
      throw new IOException("the file system did not rename " + from + " to " + to);
    }
  }

  /**
   * Copies a checkpoint to a new folder under {@code local} and verifies it.
   *
   * @throws DamagedCheckpointException if it is not whole
   * @throws UncheckedIOException if it cannot be read
   */
  public StoredState fetch(long step, java.nio.file.Path local) throws DamagedCheckpointException {
    Path source = new Path(folder, name(step));
    List<String> problems = new ArrayList<>();
    StoredState state =
        told("read checkpoint", source, () -> copied(source, step, local, problems));
    if (!problems.isEmpty()) {
      throw new DamagedCheckpointException(source.toString(), problems);
    }
    return state;
  }

  /** Nothing, where there are problems. */
  private StoredState copied(
      Path source, long step, java.nio.file.Path local, List<String> problems) throws IOException {
    Files.createDirectories(local);
    java.nio.file.Path copy = Files.createTempDirectory(local, name(step) + "-");
    String manifest = manifest(source, problems);
    for (FolderManifest.Entry file : files(manifest, problems)) {
      copy(source, file, copy.resolve(file.name()), problems);
    }
    return problems.isEmpty() ? new StoredState(source.toString(), step, manifest, copy) : null;
  }

  private String manifest(Path source, List<String> problems) throws IOException {
    try (InputStream in = fileSystem.open(new Path(source, MANIFEST))) {
      // What is longer is no manifest, as whoever parses it will find.
      return new String(in.readNBytes(LONGEST_MANIFEST), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      problems.add(MANIFEST + " is missing");
      return "";
    }
  }

  private static List<FolderManifest.Entry> files(String manifest, List<String> problems) {
    if (!problems.isEmpty()) {
      return List.of();
    }
    try {
      List<FolderManifest.Entry> files = FolderManifest.fromJson(manifest).files();
      List<String> names = files.stream().map(FolderManifest.Entry::name).toList();
      if (KNOWN.containsAll(names) && names.containsAll(List.of(HEADER, TENSORS))) {
        return files;
      }
      problems.add(MANIFEST + " names other files");
    } catch (IllegalArgumentException e) {
      problems.add(MANIFEST + " is no manifest");
    }
    return List.of();
  }

  private void copy(
      Path source, FolderManifest.Entry file, java.nio.file.Path target, List<String> problems)
      throws IOException {
    try (InputStream in = fileSystem.open(new Path(source, file.name()));
        OutputStream out = Files.newOutputStream(target)) {
      FolderManifest.Entry copied = FolderManifest.copy(in, out, file.name());
      if (copied.bytes() != file.bytes()) {
        problems.add(
            "%s has %d bytes instead of %d".formatted(file.name(), copied.bytes(), file.bytes()));
      } else if (copied.crc32c() != file.crc32c()) {
        problems.add(file.name() + " has another checksum");
      }
    } catch (FileNotFoundException e) {
      problems.add(file.name() + " is missing");
    }
  }

  /**
   * Deletes what was left unfinished, and checkpoints after {@code step}: training goes on from
   * there because they were not whole.
   */
  public void deleteAfter(long step) {
    delete(
        "clean checkpoints",
        status -> {
          String name = status.getPath().getName();
          return name.startsWith(ASIDE) || step(name) > step;
        });
  }

  /** Deletes all but the newest {@code count}. */
  public void keepNewest(int count) {
    List<Long> old = steps().stream().skip(count).toList();
    delete("delete checkpoints", status -> old.contains(step(status.getPath().getName())));
  }

  private void delete(String what, Predicate<FileStatus> which) {
    if (isSingle()) {
      throw new IllegalStateException("Opened to read one checkpoint, not to delete others");
    }
    told(
        what,
        folder,
        () -> {
          if (fileSystem.exists(folder)) {
            for (FileStatus status : fileSystem.listStatus(folder)) {
              if (which.test(status)) {
                fileSystem.delete(status.getPath(), true);
              }
            }
          }
          return folder;
        });
  }

  /** Something that a file system is asked for. */
  private interface Request<T> {
    T send() throws IOException;
  }

  /** The answer; or what failed, in our words. */
  private static <T> T told(String what, Path where, Request<T> request) {
    try {
      return request.send();
    } catch (FSError e) {
      // Hadoop's local file systems throw an error of the JVM's kind where a disk is full.
      throw failed(what, where, new IOException(e.getCause().getMessage(), e));
    } catch (IOException e) {
      throw failed(what, where, e);
    }
  }

  private static UncheckedIOException failed(String what, Path where, IOException e) {
    return new UncheckedIOException(
        "Cannot %s: %s (%s; check free space, permissions and the connection)"
            .formatted(what, where, e.getMessage()),
        e);
  }
}
