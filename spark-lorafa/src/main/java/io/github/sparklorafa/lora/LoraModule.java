package io.github.sparklorafa.lora;

import io.github.sparklorafa.nn.Parameter;

/**
 * One adapted linear layer.
 *
 * @param name of the module in the model
 * @param a {@code [rank, in]}
 * @param b {@code [out, rank]}
 * @param scale the factor s of {@code B A}
 */
public record LoraModule(String name, Parameter a, Parameter b, double scale) {
  /** What follows a module's name in the name of its A. */
  public static final String A_SUFFIX = ".lora_A.weight";

  /** What follows a module's name in the name of its B. */
  public static final String B_SUFFIX = ".lora_B.weight";
}
