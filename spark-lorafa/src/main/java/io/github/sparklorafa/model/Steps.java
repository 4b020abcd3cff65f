package io.github.sparklorafa.model;

import io.github.sparklorafa.tensor.Scope;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * Hands a tensor from one step of a model to the next, so that only the tape decides what stays of
 * what a step made.
 */
final class Steps {
  private Steps() {}

  /** What {@code step} makes of {@code x}, owned by the caller, who closes it; null stays null. */
  static Tensor owned(Tensor x, UnaryOperator<Tensor> step) {
    try (Scope scope = new Scope()) {
      Tensor y = step.apply(x);
      return y == null ? null : scope.release(y);
    }
  }

  /** The same, and closes {@code x} at once. */
  static Tensor consumed(Tensor x, UnaryOperator<Tensor> step) {
    try (x) {
      return owned(x, step);
    }
  }
}
