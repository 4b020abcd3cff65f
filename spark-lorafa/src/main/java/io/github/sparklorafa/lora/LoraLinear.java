package io.github.sparklorafa.lora;

import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * LoRA (Hu et al., 2021): {@code y = x Wᵀ + s (x Aᵀ) Bᵀ} with W frozen, A and B trained. Beside
 * what {@link LoraFaLinear} keeps, {@code dA = s · (dy B)ᵀ x} makes it keep the full-width input
 * {@code x}.
 */
final class LoraLinear implements Projection {
  private final Linear base;
  private final Parameter a;
  private final Parameter b;
  private final double scale;
  private final AdapterInput adapterInput;
  private GradientFlow input = GradientFlow.STOPS;

  LoraLinear(Linear base, Parameter a, Parameter b, double scale, AdapterInput adapterInput) {
    this.base = base;
    this.a = a;
    this.b = b;
    this.scale = scale;
    this.adapterInput = adapterInput;
  }

  @Override
  public GradientFlow plan(GradientFlow input) {
    this.input = input;
    a.addUser();
    b.addUser();
    return GradientFlow.FLOWS;
  }

  @Override
  public Tensor forward(Tensor x, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor h = project(x, tape);
      return scope.keep(base.apply(x).addmm_(h, b.value().t(), Scalars.of(1), Scalars.of(scale)));
    }
  }

  @Override
  public void remember(Tensor x, Tape tape) {
    try (Scope scope = new Scope()) {
      project(x, tape);
    }
  }

  private Tensor project(Tensor x, Tape tape) {
    Tensor h = adapterInput.project(x, a.value());
    tape.keep(x);
    tape.keep(h);
    return h;
  }

  @Override
  public Tensor backward(Tensor dy, Tape tape, Tensor dx) {
    try (Scope scope = new Scope()) {
      Tensor h = tape.take();
      b.addGradient(h.t().mm(dy).t(), scale);
      b.userDone();
      Tensor dh = dy.mm(b.value());
      Tensor x = adapterInput.masked(tape.take());
      a.addGradient(dh.t().mm(x), scale * adapterInput.factor());
      a.userDone();
      if (!input.flows()) {
        return dx;
      }
      Tensor sum = base.addInputGradient(dy, dx);
      adapterInput.addGradient(sum, dh, a.value(), scale);
      return dx == null ? scope.keep(sum) : dx;
    }
  }
}
