package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.MappedTensor;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A local safetensors file that is open for reading.
 *
 * <p>Opening checks the whole header and loads no native library; the file is mapped at the first
 * {@link #load}. Tensors stay valid after {@link #close()}, since they hold the mapping. Each load
 * refuses a file that was written to since it was opened; but who shortens a file in place whose
 * tensors are in use ends the process (the kernel's SIGBUS), which no check can prevent, so files
 * in use are to be replaced by renaming another one over them. Safe for use by several threads.
 */
public final class SafetensorsFile implements AutoCloseable {
  private final Path path;
  private final FileState state;
  private final SafetensorsHeader header;
  private final Map<String, String> storedNames = new ConcurrentHashMap<>();
  private MappedTensor mapped;

  private SafetensorsFile(Path path, FileState state, SafetensorsHeader header) {
    this.path = path;
    this.state = state;
    this.header = header;
  }

  /**
   * Opens a file.
   *
   * @throws IllegalArgumentException naming everything that is wrong with it
   */
  public static SafetensorsFile open(Path path) {
    SafetensorsHeader header = SafetensorsHeader.read(path);
    try {
      return new SafetensorsFile(path, FileState.of(path), header);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** What the file was like when it was opened. */
  FileState state() {
    return state;
  }

  /** The names of the tensors, in the order of their data. */
  public Set<String> names() {
    return header.tensors().keySet();
  }

  /** What the writer noted, such as {@code format=pt}. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** The stored dtype in the format's own words, such as {@code F32}, {@code BF16}, {@code F16}. */
  public String dtype(String name) {
    return stored(name).dtype().name();
  }

  /** The stored shape. */
  public long[] shape(String name) {
    return stored(name).dimensions();
  }

  /** Bytes of the tensor in the file. */
  public long bytes(String name) {
    return stored(name).bytes();
  }

  /**
   * The tensor of that name, owned by the caller's scope: mapped without a copy where the file has
   * the dtype that is asked for, else converted into a copy.
   *
   * @throws IllegalArgumentException if there is none, its dtype is not F32, BF16 or F16, or the
   *     file was written to since it was opened
   */
  public Tensor load(String name, DType dtype) {
    return load(name, dtype.scalarType());
  }

  private Tensor load(String name, ScalarType dtype) {
    StoredTensor stored = stored(name);
    ScalarType storedType = scalarType(stored);
    checkUnchanged();
    try (Scope scope = new Scope()) {
      Tensor view =
          mapped()
              .view(
                  header.dataStart() + stored.begin(),
                  storedType,
                  stored.dtype().alignment(),
                  stored.dimensions());
      return scope.keep(storedType == dtype ? view : view.to(dtype));
    }
  }

  /** The tensor as it is stored, owned by the caller's scope. */
  Tensor load(String name) {
    return load(name, scalarType(stored(name)));
  }

  /**
   * What {@code reader} makes of the tensor as it is stored, whose pages leave this process's
   * memory afterwards, so that who goes through a file never has all of it.
   */
  <T> T read(String name, Function<Tensor, T> reader) {
    try (Scope scope = new Scope()) {
      return reader.apply(load(name));
    } finally {
      forget(stored(name));
    }
  }

  private synchronized void forget(StoredTensor stored) {
    if (mapped != null) {
      mapped.forget(header.dataStart() + stored.begin(), stored.bytes());
    }
  }

  private synchronized void checkUnchanged() {
    try {
      Optional<String> found = mapped == null ? state.change(path) : state.changeInPlace(path);
      found.ifPresent(
          change -> {
            throw new IllegalArgumentException(
                ("Cannot load from: %s: %s (start again, and replace a file in use by renaming"
                        + " another over it)")
                    .formatted(path, change));
          });
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static UncheckedIOException unreadable(Path path, IOException e) {
    return new UncheckedIOException("Cannot read: " + path + " (check the disk)", e);
  }

  /** Whether {@link #load} can give the tensor of that name. */
  boolean loadable(String name) {
    return switch (stored(name).dtype()) {
      case F32, BF16, F16 -> true;
      default -> false;
    };
  }

  /** Lets a tensor be asked for by another name too; {@link #names} stay those of the file. */
  void rename(String stored, String name) {
    if (!stored.equals(name)) {
      storedNames.put(name, stored);
    }
  }

  StoredTensor stored(String name) {
    StoredTensor stored = header.tensors().get(storedNames.getOrDefault(name, name));
    if (stored == null) {
      throw new IllegalArgumentException(
          "Cannot load tensor: %s (%s does not hold it)".formatted(Problems.quote(name), path));
    }
    return stored;
  }

  private ScalarType scalarType(StoredTensor stored) {
    return switch (stored.dtype()) {
      case F32 -> ScalarType.Float;
      case BF16 -> ScalarType.BFloat16;
      case F16 -> ScalarType.Half;
      default ->
          throw new IllegalArgumentException(
              "Cannot load tensor: %s of dtype %s in %s (convert it to F32, BF16 or F16)"
                  .formatted(Problems.quote(stored.name()), stored.dtype(), path));
    };
  }

  private synchronized MappedTensor mapped() {
    if (mapped == null) {
      mapped = MappedTensor.open(path);
    }
    return mapped;
  }

  /** Gives the mapping back once the last tensor from it is closed too. */
  @Override
  public synchronized void close() {
    if (mapped != null) {
      mapped.close();
      mapped = null;
    }
  }
}
