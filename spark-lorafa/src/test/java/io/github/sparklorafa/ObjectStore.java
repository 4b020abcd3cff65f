package io.github.sparklorafa;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * A file system of the scheme {@code store:} over a local folder, as an object store is one: it
 * renames file by file. It counts what is opened, and fails where a test says so.
 */
public final class ObjectStore extends FileSystem {
  private static final String ROOT = "test.store.root";
  private static final Map<String, Faults> FAULTS = new ConcurrentHashMap<>();

  private final RawLocalFileSystem local = new RawLocalFileSystem();
  private java.nio.file.Path root;

  /** What goes wrong in the store over one folder, and what was asked of it. */
  public static final class Faults {
    /** How often a file was opened. */
    public final AtomicInteger opened = new AtomicInteger();

    /** Renames that succeed before one fails; none fails below 0. */
    public final AtomicInteger renamesUntilFailure = new AtomicInteger(-1);

    /** Whether the disk is full for this file: the operating system refuses each byte of it. */
    public volatile Predicate<java.nio.file.Path> full = path -> false;

    /** Called with the path that is opened, before it is. */
    public volatile CheckedPath beforeOpen = path -> {};

    /** Changes what the store says about a file. */
    public volatile UnaryOperator<FileStatus> status = UnaryOperator.identity();
  }

  /** Does something with a file of the folder below the store. */
  public interface CheckedPath {
    /** Does it. */
    void accept(java.nio.file.Path path) throws IOException;
  }

  /** A configuration that knows the store over {@code root}: {@code store://bucket/name}. */
  public static Configuration over(java.nio.file.Path root) {
    Configuration configuration = new Configuration();
    configuration.set("fs.store.impl", ObjectStore.class.getName());
    configuration.setBoolean("fs.store.impl.disable.cache", true);
    configuration.set(ROOT, root.toString());
    return configuration;
  }

  /** The faults of the store over {@code root}. */
  public static Faults faults(java.nio.file.Path root) {
    return FAULTS.computeIfAbsent(root.toString(), key -> new Faults());
  }

  @Override
  public String getScheme() {
    return "store";
  }

  @Override
  public void initialize(URI name, Configuration configuration) throws IOException {
    super.initialize(name, configuration);
    setConf(configuration);
    root = java.nio.file.Path.of(configuration.get(ROOT));
    local.initialize(URI.create("file:///"), configuration);
  }

  private Faults faults() {
    return faults(root);
  }

  private java.nio.file.Path file(Path path) {
    return Path.getPathWithoutSchemeAndAuthority(path).isRoot()
        ? root
        : root.resolve(path.toUri().getPath().substring(1));
  }

  private Path below(Path path) {
    return new Path(file(path).toUri());
  }

  private FileStatus above(FileStatus status) {
    String name =
        root.relativize(java.nio.file.Path.of(status.getPath().toUri().getPath())).toString();
    FileStatus named =
        new FileStatus(
            status.getLen(),
            status.isDirectory(),
            1,
            1 << 20,
            status.getModificationTime(),
            new Path(getUri() + "/" + name));
    return faults().status.apply(named);
  }

  @Override
  public URI getUri() {
    return URI.create("store://bucket");
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    faults().opened.incrementAndGet();
    faults().beforeOpen.accept(file(path));
    return local.open(below(path), bufferSize);
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    boolean full = faults().full.test(file(path));
    return local.create(
        full ? new Path("/dev/full") : below(path),
        overwrite || full,
        bufferSize,
        replication,
        blockSize,
        progress);
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress)
      throws IOException {
    throw new UnsupportedOperationException("append");
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    if (Files.isDirectory(file(from))) {
      Files.createDirectories(file(to));
      for (FileStatus child : listStatus(from)) {
        rename(child.getPath(), new Path(to, child.getPath().getName()));
      }
      return delete(from, true);
    }
    if (faults().renamesUntilFailure.getAndDecrement() == 0) {
      throw new IOException("503 Slow Down");
    }
    Files.move(file(from), file(to));
    return true;
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    return local.delete(below(path), recursive);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    if (!Files.exists(file(path))) {
      throw new FileNotFoundException(path.toString());
    }
    return Arrays.stream(local.listStatus(below(path))).map(this::above).toArray(FileStatus[]::new);
  }

  @Override
  public void setWorkingDirectory(Path path) {}

  @Override
  public Path getWorkingDirectory() {
    return new Path("store://bucket/");
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) throws IOException {
    return local.mkdirs(below(path));
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    return above(local.getFileStatus(below(path)));
  }
}
