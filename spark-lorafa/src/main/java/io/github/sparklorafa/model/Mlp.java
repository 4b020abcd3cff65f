package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Columns;
import io.github.sparklorafa.nn.GatedUnit;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** {@code down_proj(silu(gate) ∘ up)} of a layer's {@link GateUp}. */
final class Mlp {
  private final GateUp gateUp;
  private final GatedUnit activation = new GatedUnit(GatedUnit.Activation.SILU);
  private final Projection downProj;

  Mlp(LayerParts parts) {
    gateUp = parts.config().variant().fused() ? new Fused(parts) : new Separate(parts);
    downProj = parts.linear("mlp.down_proj");
  }

  GradientFlow plan(GradientFlow input) {
    return downProj.plan(gateUp.plan(input, activation));
  }

  Tensor forward(Tensor x, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor activated = gateUp.forward(x, activation, tape);
      return scope.keep(downProj.forward(activated, tape));
    }
  }

  /** Keeps what {@link #forward} keeps, without the output. */
  void remember(Tensor x, Tape tape) {
    try (Scope scope = new Scope()) {
      downProj.remember(gateUp.forward(x, activation, tape), tape);
    }
  }

  Tensor backward(Tensor dy, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor dActivated = downProj.backward(dy, tape, null);
      if (dActivated == null) {
        return null;
      }
      Tensor dx = gateUp.backward(activation.backward(dActivated, tape), tape);
      return dx == null ? null : scope.keep(dx);
    }
  }

  /** Makes gate and up of a layer's input. */
  private sealed interface GateUp {
    GradientFlow plan(GradientFlow input, GatedUnit activation);

    /** {@code x [tokens, hidden]} to {@code activation(gate, up)}. */
    Tensor forward(Tensor x, GatedUnit activation, Tape tape);

    /** The input's gradient; null if none is asked for. */
    Tensor backward(GatedUnit.Gradients d, Tape tape);
  }

  /** {@code gate_proj(x)} and {@code up_proj(x)}. */
  private static final class Separate implements GateUp {
    private final Projection gateProj;
    private final Projection upProj;

    Separate(LayerParts parts) {
      gateProj = parts.linear("mlp.gate_proj");
      upProj = parts.linear("mlp.up_proj");
    }

    @Override
    public GradientFlow plan(GradientFlow input, GatedUnit activation) {
      GradientFlow gate = gateProj.plan(input);
      return activation.plan(gate, upProj.plan(input));
    }

    @Override
    public Tensor forward(Tensor x, GatedUnit activation, Tape tape) {
      Tensor gate = gateProj.forward(x, tape);
      return activation.forward(gate, upProj.forward(x, tape), tape);
    }

    @Override
    public Tensor backward(GatedUnit.Gradients d, Tape tape) {
      Tensor dx = upProj.backward(d.up(), tape, null);
      return gateProj.backward(d.gate(), tape, dx);
    }
  }

  /** The columns of {@code gate_up_proj(x)}. */
  private static final class Fused implements GateUp {
    private final Projection gateUpProj;
    private final long width;

    Fused(LayerParts parts) {
      gateUpProj = parts.linear("mlp.gate_up_proj");
      width = parts.config().intermediateSize();
    }

    @Override
    public GradientFlow plan(GradientFlow input, GatedUnit activation) {
      GradientFlow output = gateUpProj.plan(input);
      return activation.plan(output, output);
    }

    @Override
    public Tensor forward(Tensor x, GatedUnit activation, Tape tape) {
      Tensor[] columns = Columns.split(gateUpProj.forward(x, tape), width, width);
      return activation.forward(columns[0], columns[1], tape);
    }

    @Override
    public Tensor backward(GatedUnit.Gradients d, Tape tape) {
      // The gradients overwrote gate and up, so they lie side by side too.
      return gateUpProj.backward(Columns.joined(d.gate(), 2 * width), tape, null);
    }
  }
}
