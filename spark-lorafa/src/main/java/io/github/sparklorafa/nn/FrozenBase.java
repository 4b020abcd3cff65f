package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
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

  /**
   * {@code weights} in {@code dtype}; none where they are computed with in that dtype anyway.
   *
   * @param computed of the run
   */
  public static FrozenBase of(BaseDType dtype, DType computed, Set<String> weights) {
    return dtype == BaseDType.of(computed) ? NONE : new FrozenBase(dtype, weights);
  }

  /** Whether the weight of that name is held so, if it is frozen. */
  public boolean holds(String name) {
    return weights.contains(name);
  }
}
