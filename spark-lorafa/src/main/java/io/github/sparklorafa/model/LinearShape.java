package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Linear;
import java.util.Map;

/**
 * A linear layer without its numbers.
 *
 * @param out numbers of an output row
 * @param in numbers of an input row
 * @param bias whether it adds one
 */
public record LinearShape(long out, long in, Linear.Bias bias) {
  /** Numbers in weight and bias. */
  public long count() {
    return out * in + (bias == Linear.Bias.YES ? out : 0);
  }

  /** Adds the shapes of the tensors of such a layer of that name. */
  void addTensors(String module, Map<String, long[]> shapes) {
    shapes.put(module + ".weight", new long[] {out, in});
    if (bias == Linear.Bias.YES) {
      shapes.put(module + ".bias", new long[] {out});
    }
  }
}
