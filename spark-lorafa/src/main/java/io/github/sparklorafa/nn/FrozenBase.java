package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.BaseDType;
import java.util.Set;

/**
 * Which frozen weights are held in other numbers than they are computed with.
 *
 * @param dtype in which they are held
 * @param weights their names
 */
public record FrozenBase(BaseDType dtype, Set<String> weights) {
  /** None is. */
  public static final FrozenBase NONE = new FrozenBase(BaseDType.FP32, Set.of());

  /** Copies the names. */
  public FrozenBase {
    weights = Set.copyOf(weights);
  }

  boolean holds(String name) {
    return weights.contains(name);
  }
}
