package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Linear;

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
}
