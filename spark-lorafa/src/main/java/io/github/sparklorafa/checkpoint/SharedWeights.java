package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.nn.ParameterSource;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The weights of a checkpoint for all frozen models that are made of it: the first that asks for
 * one reads it, and converts it where it is stored in another dtype; the others hold the same
 * numbers.
 *
 * <p>What a model holds stays valid after {@link #close}. A file that was written to meanwhile is
 * read anew. Thread-safe; one thread waits while another reads.
 */
public final class SharedWeights implements AutoCloseable {
  /** As it is stored, wherever models look for it. */
  private record Key(FileState file, String stored, DType dtype) {}

  private final Map<Key, Tensor> loaded = new HashMap<>();

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

  /** Gives back all that no model holds. */
  @Override
  public void close() {
    synchronized (loaded) {
      loaded.values().forEach(Tensor::releaseReference);
      loaded.clear();
    }
  }
}
