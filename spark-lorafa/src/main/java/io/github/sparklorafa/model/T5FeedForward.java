package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.GatedUnit;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.Relu;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** {@code DenseReluDense}: wide, an activation, and narrow again. */
final class T5FeedForward implements T5Residual.Part {
  private final Wide wide;
  private final Projection wo;

  T5FeedForward(T5Parts parts, String name) {
    wide =
        switch (parts.config().feedForwardProj()) {
          case RELU -> new Plain(parts, name);
          case GATED_GELU -> new Gated(parts, name);
        };
    wo = parts.linear(name + "wo");
  }

  @Override
  public GradientFlow plan(GradientFlow input, GradientFlow read) {
    return wo.plan(wide.plan(input));
  }

  @Override
  public Tensor forward(Tensor x, T5Pass pass, Tape tape) {
    try (Scope scope = new Scope()) {
      return scope.keep(wo.forward(wide.forward(x, tape), tape));
    }
  }

  @Override
  public void remember(Tensor x, T5Pass pass, Tape tape) {
    try (Scope scope = new Scope()) {
      wo.remember(wide.forward(x, tape), tape);
    }
  }

  @Override
  public Tensor backward(Tensor dy, T5Pass pass, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor dWide = wo.backward(dy, tape, null);
      Tensor dx = dWide == null ? null : wide.backward(dWide, tape);
      return dx == null ? null : scope.keep(dx);
    }
  }

  /** Everything before {@code wo}. */
  private sealed interface Wide {
    GradientFlow plan(GradientFlow input);

    /** {@code x [tokens, dModel]} to {@code [tokens, dFf]}. */
    Tensor forward(Tensor x, Tape tape);

    /** Overwrites {@code dy}; null if the input's gradient is not asked for. */
    Tensor backward(Tensor dy, Tape tape);
  }

  /** {@code relu(wi(x))}. */
  private static final class Plain implements Wide {
    private final Projection wi;
    private final Relu activation = new Relu();

    Plain(T5Parts parts, String name) {
      wi = parts.linear(name + "wi");
    }

    @Override
    public GradientFlow plan(GradientFlow input) {
      return activation.plan(wi.plan(input));
    }

    @Override
    public Tensor forward(Tensor x, Tape tape) {
      return activation.forward(wi.forward(x, tape), tape);
    }

    @Override
    public Tensor backward(Tensor dy, Tape tape) {
      return wi.backward(activation.backward(dy, tape), tape, null);
    }
  }

  /** {@code gelu(wi_0(x)) ∘ wi_1(x)}. */
  private static final class Gated implements Wide {
    private final Projection gate;
    private final Projection up;
    private final GatedUnit activation = new GatedUnit(GatedUnit.Activation.GELU_TANH);

    Gated(T5Parts parts, String name) {
      gate = parts.linear(name + "wi_0");
      up = parts.linear(name + "wi_1");
    }

    @Override
    public GradientFlow plan(GradientFlow input) {
      GradientFlow ofGate = gate.plan(input);
      return activation.plan(ofGate, up.plan(input));
    }

    @Override
    public Tensor forward(Tensor x, Tape tape) {
      Tensor gated = gate.forward(x, tape);
      return activation.forward(gated, up.forward(x, tape), tape);
    }

    @Override
    public Tensor backward(Tensor dy, Tape tape) {
      GatedUnit.Gradients d = activation.backward(dy, tape);
      Tensor dx = up.backward(d.up(), tape, null);
      return gate.backward(d.gate(), tape, dx);
    }
  }
}
