package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** {@code y = tanh(x)}. Keeps {@code y} if {@code x} has a gradient: {@code dx = dy ∘ (1 − y²)}. */
public final class Tanh {
  private GradientFlow input = GradientFlow.STOPS;

  /** See {@link Projection#plan}. */
  public GradientFlow plan(GradientFlow input) {
    this.input = input;
    return input;
  }

  /** {@code x [tokens, features]}, overwritten by the result. */
  public Tensor forward(Tensor x, Tape tape) {
    try (Scope scope = new Scope()) {
      x.tanh_();
      if (input.flows()) {
        tape.keep(x);
      }
      return x;
    }
  }

  /** {@code dy} to the input's gradient; null if none is asked for. */
  public Tensor backward(Tensor dy, Tape tape) {
    if (!input.flows()) {
      return null;
    }
    try (Scope scope = new Scope()) {
      return scope.keep(torch.tanh_backward(dy, tape.take()));
    }
  }
}
