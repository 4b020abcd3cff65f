package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.TiedHead;
import io.github.sparklorafa.nn.ParameterSource;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.StoredMatrix;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * A base's weights with those that an adapter saved in their place.
 *
 * <p>Where the base's head is tied and the adapter saved the embedding or the head, the two part,
 * as in PEFT: the one that was not saved stays what it was.
 */
public final class AdapterOverlay {
  private AdapterOverlay() {}

  /**
   * The weights of both.
   *
   * @param shape of the base
   * @param adapter tensors by name, without PEFT's prefix
   */
  public static ParameterSource of(
      ParameterSource base, ModelConfig shape, Map<String, Tensor> adapter) {
    ParameterSource overlay = ParameterSource.overlay(base, adapter);
    return shape
        .tiedHead()
        .filter(tied -> !overlay.has(tied.head()) && adapter.containsKey(tied.embedding()))
        .map(tied -> parted(base, overlay, tied))
        .orElse(overlay);
  }

  private static ParameterSource parted(
      ParameterSource base, ParameterSource overlay, TiedHead tied) {
    return new ParameterSource() {
      @Override
      public boolean has(String name) {
        return name.equals(tied.head()) || overlay.has(name);
      }

      @Override
      public Tensor load(String name, long... shape) {
        return name.equals(tied.head())
            ? base.load(tied.embedding(), shape)
            : overlay.load(name, shape);
      }

      @Override
      public <T> T read(String name, Function<Tensor, T> reader, long... shape) {
        return name.equals(tied.head())
            ? base.read(tied.embedding(), reader, shape)
            : overlay.read(name, reader, shape);
      }

      @Override
      public StoredMatrix packed(String name, BaseDType dtype, long out, long in) {
        return overlay.packed(name, dtype, out, in); // a head is never held so
      }
    };
  }

  /** An adapter's tensors, those with two names under both, as PEFT writes them. */
  public static Map<String, Tensor> underAllNames(ModelConfig base, Map<String, Tensor> adapter) {
    Map<String, Tensor> all = new LinkedHashMap<>(adapter);
    base.secondNames()
        .forEach(
            (second, name) -> {
              if (adapter.containsKey(name)) {
                all.put(second, adapter.get(name));
              }
            });
    return all;
  }

  /** Whether a tied head is tied no more with an adapter that has tensors of these names. */
  static boolean parts(ModelConfig base, Set<String> adapter) {
    return base.tiedHead()
        .filter(tied -> adapter.contains(tied.embedding()) || adapter.contains(tied.head()))
        .isPresent();
  }
}
