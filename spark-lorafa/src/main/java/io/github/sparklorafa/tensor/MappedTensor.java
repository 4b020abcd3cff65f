package io.github.sparklorafa.tensor;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A file as one tensor of bytes, mapped and not read: the workers of one host share its pages, and
 * nothing is limited to the 2 GB of a ByteBuffer. Views stay valid after {@link #close()}, since
 * they hold the mapping's storage.
 */
public final class MappedTensor implements AutoCloseable {
  private static final long PAGE = 4096;
  private static final int MADV_DONTNEED = 4;

  private final Tensor bytes;
  private final long size;

  private MappedTensor(Tensor bytes, long size) {
    this.bytes = bytes;
    this.size = size;
  }

  /**
   * Maps a whole file privately: a write to a view changes memory, never the file.
   *
   * @throws UncheckedIOException if it can't be read
   */
  public static MappedTensor open(Path file) {
    Natives.ensureLoaded();
    try (Scope scope = new Scope()) {
      long size = Files.size(file);
      Tensor bytes =
          torch.from_file(
              file.toString(),
              new BoolOptional(false),
              new LongOptional(size),
              new TensorOptions(ScalarType.Byte));
      return new MappedTensor(scope.release(bytes), size);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot map: " + file + " (check that it can be read)", e);
    }
  }

  /**
   * A view of {@code shape} on the numbers from {@code byteOffset} on; the caller's scope owns it.
   *
   * @throws IllegalArgumentException if it leaves the file or the offset is not a multiple of the
   *     element size
   */
  public Tensor view(long byteOffset, ScalarType type, int elementBytes, long... shape) {
    long length = elementBytes;
    for (long size : shape) {
      length = Math.multiplyExact(length, size);
    }
    if (byteOffset < 0 || byteOffset % elementBytes != 0 || byteOffset > size - length) {
      throw new IllegalArgumentException(
          "Cannot map tensor: bytes %d to %d of %d (the file is damaged)"
              .formatted(byteOffset, byteOffset + length, size));
    }
    try (Scope scope = new Scope()) {
      return scope.keep(bytes.narrow(0, byteOffset, length).view(type).view(shape));
    }
  }

  /**
   * Takes the pages of so many bytes from {@code byteOffset} on out of this process's memory; who
   * reads a view on them again gets them from the system's cache or the disk. Bytes that were
   * written to must not be among them.
   */
  public void forget(long byteOffset, long length) {
    long start = roundedUp(bytes.data_ptr().address() + byteOffset);
    long end = roundedUp(bytes.data_ptr().address() + byteOffset + length + 1) - PAGE;
    if (end > start) {
      // Nothing depends on whether the system takes the advice.
      int unused =
          Function.getFunction("c", "madvise")
              .invokeInt(new Object[] {new Pointer(start), end - start, MADV_DONTNEED});
    }
  }

  private static long roundedUp(long address) {
    return (address + PAGE - 1) / PAGE * PAGE;
  }

  /** Bytes of the file. */
  public long size() {
    return size;
  }

  @Override
  public void close() {
    bytes.close();
  }
}
