package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.model.LlamaVariant;
import io.github.sparklorafa.model.LlamaVariant.AttentionBias;
import io.github.sparklorafa.nn.CausalAttention;
import io.github.sparklorafa.nn.Linear;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Reads what the layers of a family's checkpoint are: biases, norms and sliding windows. */
final class LlamaVariantParser {
  static final String ATTENTION_BIAS = "attention_bias";
  static final String MLP_BIAS = "mlp_bias";
  static final String SLIDING_WINDOW = "sliding_window";
  static final String USE_SLIDING_WINDOW = "use_sliding_window";
  static final String MAX_WINDOW_LAYERS = "max_window_layers";
  static final String LAYER_TYPES = "layer_types";

  private static final String SLIDING = "sliding_attention";
  private static final String FULL = "full_attention";

  private final LlamaFamily family;
  private final JsonFields fields;
  private final int layers;
  private final Problems problems;

  LlamaVariantParser(LlamaFamily family, JsonFields fields, int layers, Problems problems) {
    this.family = family;
    this.fields = fields;
    this.layers = layers;
    this.problems = problems;
  }

  LlamaVariant read() {
    AttentionBias attention = family.attentionBias();
    if (family.readsAttentionBias() && fields.flag(ATTENTION_BIAS, false)) {
      attention = AttentionBias.ALL;
    }
    boolean mlp = family == LlamaFamily.LLAMA && fields.flag(MLP_BIAS, false);
    LlamaVariant withoutWindows =
        new LlamaVariant(
            family.projections(),
            attention,
            mlp ? Linear.Bias.YES : Linear.Bias.NO,
            family.queryKeyNorm(),
            List.of());
    return withoutWindows.withWindows(family.choosesWindows() ? chosenWindows() : sameWindows());
  }

  /** One window for all layers, or none; {@code layer_types} may only repeat that. */
  private List<Integer> sameWindows() {
    int window =
        switch (family) {
          case MISTRAL -> window(4096);
          case PHI3 -> window(CausalAttention.NO_WINDOW);
          default -> noWindow();
        };
    String type = window == CausalAttention.NO_WINDOW ? FULL : SLIDING;
    checkLayerTypes(Set.of(type), "only " + type + " is supported");
    return Collections.nCopies(layers, window);
  }

  private int noWindow() {
    fields.requireNeutral(List.of(SLIDING_WINDOW), "this is not supported");
    return CausalAttention.NO_WINDOW;
  }

  /** {@code layer_types}, or else a window in the layers from {@code max_window_layers} on. */
  private List<Integer> chosenWindows() {
    int given = window(4096);
    int window = fields.flag(USE_SLIDING_WINDOW, false) ? given : CausalAttention.NO_WINDOW;
    int first = fields.integer(MAX_WINDOW_LAYERS, 0, 28);
    List<String> types = layerTypes(window);
    return IntStream.range(0, layers)
        .mapToObj(i -> types.isEmpty() ? i >= first : types.get(i).equals(SLIDING))
        .map(sliding -> sliding ? window : CausalAttention.NO_WINDOW)
        .toList();
  }

  /** The type of each layer; empty where the key is absent or wrong. */
  private List<String> layerTypes(int window) {
    Set<String> known = window == CausalAttention.NO_WINDOW ? Set.of(FULL) : Set.of(FULL, SLIDING);
    String why =
        window == CausalAttention.NO_WINDOW
            ? "only full_attention is supported without use_sliding_window and sliding_window"
            : "only full_attention and sliding_attention are supported";
    return checkLayerTypes(known, why);
  }

  private List<String> checkLayerTypes(Set<String> known, String why) {
    List<String> types = fields.strings(LAYER_TYPES);
    if (types.isEmpty()) {
      return types;
    }
    if (!known.containsAll(types)) {
      fields.refuse(LAYER_TYPES, fields.value(LAYER_TYPES).orElseThrow(), why);
      return List.of();
    }
    if (family.choosesWindows() && types.size() != layers) {
      problems.add("%s has %d entries for %d layers".formatted(LAYER_TYPES, types.size(), layers));
      return List.of();
    }
    return types;
  }

  /** {@code sliding_window}: absent means {@code orElse}, null means none. */
  private int window(int orElse) {
    return fields.isNull(SLIDING_WINDOW)
        ? CausalAttention.NO_WINDOW
        : fields.positiveInt(SLIDING_WINDOW, orElse);
  }
}
