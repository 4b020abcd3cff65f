package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LinearShape;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What the tape of any architecture holds for one token, counted from its linear layers: a little
 * too much rather than too little. {@link TapePlan} has the exact formula of some.
 *
 * <p>From the lowest trained layer on, what each linear layer gives is kept once, by whatever
 * stands behind it: attention keeps queries, keys and values, an activation its input, a norm the
 * sum that the layer's output went into. To it come rank numbers for each adapter, and the inputs
 * of the layers whose A or weight is trained; layers of one input, such as those of queries, keys
 * and values, keep it once.
 */
final class LinearTape {
  /** Of the norms' fp32 statistics and attention's, for each linear layer. */
  private static final long STATISTICS = 2 * Float.BYTES;

  private static final Pattern QUERY_KEY_VALUE = Pattern.compile("[qkv](_proj)?|query|key|value");
  private static final Pattern GATE_UP = Pattern.compile("(gate|up)_proj|wi_[01]");

  private final ModelConfig model;
  private final TrainedModules modules;
  private final long element;

  private LinearTape(ModelConfig model, Method method, AdapterConfig adapter, DType dtype) {
    this.model = model;
    this.modules = new TrainedModules(method, adapter);
    this.element = dtype.bytes();
  }

  static long bytesPerToken(
      ModelConfig model, Method method, AdapterConfig adapter, DType dtype, Recompute recompute) {
    return new LinearTape(model, method, adapter, dtype).count(recompute);
  }

  private long count(Recompute recompute) {
    Predicate<String> linear = model.linearLayers()::containsKey;
    // Something trained that is no linear layer, such as an embedding, lies below all of them.
    boolean flows =
        model.tensors().keySet().stream()
            .map(LinearTape::module)
            .anyMatch(module -> !linear.test(module) && modules.whole(module));
    long hidden =
        model.linearLayers().values().stream().findFirst().map(LinearShape::in).orElse(0L);
    long bytes = flows ? element * hidden + STATISTICS : 0;
    String shared = "";
    for (Map.Entry<String, LinearShape> layer : model.linearLayers().entrySet()) {
      String name = layer.getKey();
      LinearShape shape = layer.getValue();
      flows |= modules.trained(name);
      bytes += flows ? element * shape.out() + STATISTICS : 0;
      bytes += element * modules.ranks(List.of(name));
      String input = input(name);
      if (modules.needsInput(name) && recompute == Recompute.NONE && !input.equals(shared)) {
        bytes += element * shape.in();
        shared = input;
      }
    }
    return bytes;
  }

  /** Tells what a layer reads from what the others read, by the names that Hugging Face uses. */
  private static String input(String name) {
    String projection = name.substring(name.lastIndexOf('.') + 1);
    if (QUERY_KEY_VALUE.matcher(projection).matches()) {
      return module(name) + ".qkv";
    }
    return GATE_UP.matcher(projection).matches() ? module(name) + ".gate_up" : name;
  }

  /** What {@code name} is a part of. */
  private static String module(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }
}
