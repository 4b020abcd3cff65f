package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * {@code y = max(x, 0)}, in the place of {@code x}. Keeps {@code y} if {@code x} has a gradient:
 * {@code dx = dy} where {@code y > 0}, else 0. A linear layer behind it keeps the same tensor, if
 * it keeps its input.
 */
public final class Relu {
  private GradientFlow input = GradientFlow.STOPS;

  /** See {@link Projection#plan}. */
  public GradientFlow plan(GradientFlow input) {
    this.input = input;
    return input;
  }

  /** Overwrites {@code x [tokens, features]} and returns it. */
  public Tensor forward(Tensor x, Tape tape) {
    x.relu_();
    if (input.flows()) {
      tape.keep(x);
    }
    return x;
  }

  /** Overwrites {@code dy [tokens, features]} with the input's gradient and returns it. */
  public Tensor backward(Tensor dy, Tape tape) {
    try (Scope scope = new Scope()) {
      torch.threshold_backward_out(dy, dy, tape.take(), Scalars.of(0));
      return dy;
    }
  }
}
