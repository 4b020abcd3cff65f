package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.nn.ParameterSource;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * A base's weights with those that an adapter saved in their place.
 *
 * <p>Where the base's head is tied and the adapter saved the embedding or the head, the two part,
 * as in PEFT: the one that was not saved stays what it was.
 */
public final class AdapterOverlay {
  static final String EMBEDDING = "model.embed_tokens.weight";

  private AdapterOverlay() {}

  /**
   * The weights of both.
   *
   * @param adapter tensors by name, without PEFT's prefix
   */
  public static ParameterSource of(ParameterSource base, Map<String, Tensor> adapter) {
    ParameterSource overlay = ParameterSource.overlay(base, adapter);
    if (overlay.has(LlamaTensors.LM_HEAD) || !adapter.containsKey(EMBEDDING)) {
      return overlay;
    }
    return new ParameterSource() {
      @Override
      public boolean has(String name) {
        return name.equals(LlamaTensors.LM_HEAD) || overlay.has(name);
      }

      @Override
      public Tensor load(String name, long... shape) {
        return name.equals(LlamaTensors.LM_HEAD)
            ? base.load(EMBEDDING, shape)
            : overlay.load(name, shape);
      }
    };
  }

  /** Whether a tied head is tied no more with an adapter that has tensors of these names. */
  static boolean parts(LlamaConfig base, Set<String> adapter) {
    return base.tieWordEmbeddings()
        && (adapter.contains(EMBEDDING) || adapter.contains(LlamaTensors.LM_HEAD));
  }
}
