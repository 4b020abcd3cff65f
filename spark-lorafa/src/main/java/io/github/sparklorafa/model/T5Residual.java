package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.RmsNorm;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** {@code x + part(layer_norm(x))}. */
final class T5Residual {
  private final RmsNorm layerNorm;
  private final Part part;
  private GradientFlow input = GradientFlow.STOPS;
  private GradientFlow branch = GradientFlow.STOPS;

  T5Residual(RmsNorm layerNorm, Part part) {
    this.layerNorm = layerNorm;
    this.part = part;
  }

  /** Self-attention, cross-attention or a feed-forward layer. */
  interface Part {
    /**
     * @param read whether what cross-attention sees has a gradient
     */
    GradientFlow plan(GradientFlow input, GradientFlow read);

    /** {@code x [tokens, dModel]} to a tensor of that shape, owned by the caller's scope. */
    Tensor forward(Tensor x, T5Pass pass, Tape tape);

    /** Keeps what {@link #forward} keeps, if it can do so without some of its products. */
    default void remember(Tensor x, T5Pass pass, Tape tape) {
      try (Scope scope = new Scope()) {
        forward(x, pass, tape);
      }
    }

    /** The input's gradient, owned by the caller's scope; null if none is asked for. */
    Tensor backward(Tensor dy, T5Pass pass, Tape tape);
  }

  GradientFlow plan(GradientFlow fromBelow, GradientFlow read) {
    input = fromBelow;
    branch = part.plan(layerNorm.plan(input), read);
    return branch.or(input);
  }

  /** Whether the part has a gradient, beside what runs around it. */
  GradientFlow branch() {
    return branch;
  }

  Tensor forward(Tensor x, T5Pass pass, Tape tape) {
    return part.forward(layerNorm.forward(x, tape), pass, tape).add_(x);
  }

  /** Keeps what {@link #forward} keeps, without the output. */
  void remember(Tensor x, T5Pass pass, Tape tape) {
    if (branch.flows()) {
      part.remember(layerNorm.forward(x, tape), pass, tape);
    }
  }

  /** Adds to {@code dy} in place; null once nothing below owes a gradient. */
  Tensor backward(Tensor dy, T5Pass pass, Tape tape) {
    try (Scope scope = new Scope()) {
      layerNorm.backward(part.backward(dy, pass, tape), tape, input.flows() ? dy : null);
      return input.flows() ? dy : null;
    }
  }
}
