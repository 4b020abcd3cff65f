package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.model.LlamaConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Names and shapes of the tensors that an adapter must have for a model, so that it can be checked
 * before either is built.
 */
final class AdapterShapes {
  private static final String WEIGHT = ".weight";
  private static final String LAYERS = "model.layers.";

  private AdapterShapes() {}

  /** Shapes by tensor name, without PEFT's prefix. */
  static Map<String, long[]> of(AdapterConfig adapter, LlamaConfig model) {
    Map<String, long[]> base = new LinkedHashMap<>(LlamaTensors.required(model));
    // A tied head is no tensor of the checkpoint, but may be trained and saved apart.
    base.putIfAbsent(LlamaTensors.LM_HEAD, new long[] {model.vocabSize(), model.hiddenSize()});
    Map<String, long[]> shapes = new LinkedHashMap<>();
    base.forEach(
        (name, shape) -> {
          String module = name.substring(0, name.lastIndexOf('.'));
          if (adapter.saves(module)) {
            shapes.put(name, shape);
          } else if (isLinear(name, shape) && adapter.adapts(module)) {
            long rank = adapter.rankOf(module);
            shapes.put(module + LoraModule.A_SUFFIX, new long[] {rank, shape[1]});
            shapes.put(module + LoraModule.B_SUFFIX, new long[] {shape[0], rank});
          }
        });
    return shapes;
  }

  private static boolean isLinear(String name, long[] shape) {
    return name.startsWith(LAYERS) && name.endsWith(WEIGHT) && shape.length == 2;
  }
}
