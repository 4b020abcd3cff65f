package io.github.sparklorafa.nn;

import org.bytedeco.pytorch.Tensor;

/** Where weights come from: a checkpoint, or a test's random numbers. */
public interface ParameterSource {
  /** Whether there is a tensor of that name. */
  boolean has(String name);

  /**
   * The tensor of that name in the run's dtype, owned by the caller's scope.
   *
   * @throws IllegalArgumentException if it is missing or has another shape
   */
  Tensor load(String name, long... shape);
}
