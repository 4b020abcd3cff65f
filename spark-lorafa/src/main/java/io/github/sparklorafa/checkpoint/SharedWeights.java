package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.nn.ParameterSource;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.tensor.StoredMatrix;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * The weights of a checkpoint for all frozen models that are made of it: the first that asks for
 * one reads it, and converts or quantises it where it is stored in another dtype; the others hold
 * the same numbers.
 *
 * <p>What a model holds stays valid after {@link #close}. A file that was written to meanwhile is
 * read anew. Thread-safe; one thread waits while another reads.
 */
public final class SharedWeights implements AutoCloseable {
  /** As it is stored, wherever models look for it. */
  private record Key(FileState file, String stored, DType dtype) {}

  /** As it is held in other numbers than are computed with. */
  private record PackedKey(FileState file, String stored, BaseDType dtype) {}

  private final Map<Key, Tensor> loaded = new HashMap<>();
  private final Map<PackedKey, StoredMatrix> packed = new HashMap<>();

  /** The weights of {@code folder}, whose dtype decides that of the numbers. */
  ParameterSource of(HuggingFaceFolder folder) {
    return new ParameterSource() {
      @Override
      public boolean has(String name) {
        return folder.has(name);
      }

      @Override
      public Tensor load(String name, long... shape) {
        return Arrays.equals(folder.shape(name), shape)
            ? shared(folder, name, shape)
            : folder.load(name, shape); // which refuses it
      }

      @Override
      public <T> T read(String name, Function<Tensor, T> reader, long... shape) {
        return folder.read(name, reader, shape); // and keeps nothing of it
      }

      @Override
      public StoredMatrix packed(String name, BaseDType dtype, long out, long in) {
        return sharedPacked(folder, name, dtype, out, in);
      }
    };
  }

  private Tensor shared(HuggingFaceFolder folder, String name, long... shape) {
    SafetensorsFile file = folder.file(name);
    Key key = new Key(file.state(), file.stored(name).name(), folder.dtype());
    synchronized (loaded) {
      Tensor known = loaded.get(key);
      if (known == null) {
        try (Scope scope = new Scope()) {
          known = scope.release(folder.load(name, shape));
        }
        loaded.put(key, known);
      }
      Scope.adopt(known);
      return known;
    }
  }

  private StoredMatrix sharedPacked(
      HuggingFaceFolder folder, String name, BaseDType dtype, long out, long in) {
    if (!Arrays.equals(folder.shape(name), new long[] {out, in})) {
      return folder.packed(name, dtype, out, in); // which refuses it
    }
    SafetensorsFile file = folder.file(name);
    PackedKey key = new PackedKey(file.state(), file.stored(name).name(), dtype);
    synchronized (loaded) {
      return packed.computeIfAbsent(key, first -> folder.packed(name, dtype, out, in)).share();
    }
  }

  /** Gives back all that no model holds. */
  @Override
  public void close() {
    synchronized (loaded) {
      loaded.values().forEach(Tensor::releaseReference);
      loaded.clear();
      packed.values().forEach(StoredMatrix::close);
      packed.clear();
    }
  }
}
