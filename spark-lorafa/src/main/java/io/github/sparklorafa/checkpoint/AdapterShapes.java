package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.model.LinearShape;
import io.github.sparklorafa.model.ModelConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Names and shapes of the tensors that an adapter must have for a model, so that it can be checked
 * before either is built.
 */
final class AdapterShapes {
  private static final String WEIGHT = ".weight";

  private AdapterShapes() {}

  /** Shapes by tensor name, without PEFT's prefix. */
  static Map<String, long[]> of(AdapterConfig adapter, ModelConfig model) {
    Map<String, long[]> base = new LinkedHashMap<>(model.tensors());
    // A tied head is no tensor of the checkpoint, but may be trained and saved apart.
    model.tiedHead().ifPresent(tied -> base.putIfAbsent(tied.head(), base.get(tied.embedding())));
    Map<String, LinearShape> linears = model.linearLayers();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    base.forEach(
        (name, shape) -> {
          String module = name.substring(0, name.lastIndexOf('.'));
          if (adapter.saves(module)) {
            shapes.put(name, shape);
          } else if (name.endsWith(WEIGHT)
              && linears.containsKey(module)
              && adapter.adapts(module)) {
            long rank = adapter.rankOf(module);
            shapes.put(module + LoraModule.A_SUFFIX, new long[] {rank, shape[1]});
            shapes.put(module + LoraModule.B_SUFFIX, new long[] {shape[0], rank});
          }
        });
    return shapes;
  }
}
