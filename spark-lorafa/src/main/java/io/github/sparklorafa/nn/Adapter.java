package io.github.sparklorafa.nn;

/** Replaces linear layers of a model while it is built, by name. */
@FunctionalInterface
public interface Adapter {
  /** Leaves every layer as it is. */
  Adapter NONE = (name, linear) -> linear;

  /**
   * What stands in the model for {@code linear}.
   *
   * @param name of the module, such as {@code model.layers.0.self_attn.q_proj}
   */
  Projection adapt(String name, Linear linear);
}
