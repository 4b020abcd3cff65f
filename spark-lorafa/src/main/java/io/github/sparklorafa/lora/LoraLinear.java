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
  private GradientFlow input = GradientFlow.STOPS;

  LoraLinear(Linear base, Parameter a, Parameter b, double scale) {
    this.base = base;
    this.a = a;
    this.b = b;
    this.scale = scale;
  }

  @Override
  public GradientFlow plan(GradientFlow input) {
    this.input = input;
    return GradientFlow.FLOWS;
  }

  @Override
  public Tensor forward(Tensor x, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor h = x.mm(a.value().t());
      tape.keep(x);
      tape.keep(h);
      return scope.keep(base.apply(x).addmm_(h, b.value().t(), Scalars.of(1), Scalars.of(scale)));
    }
  }

  @Override
  public Tensor backward(Tensor dy, Tape tape, Tensor dx) {
    try (Scope scope = new Scope()) {
      Tensor h = tape.take();
      b.addGradient(h.t().mm(dy).t(), scale);
      Tensor dh = dy.mm(b.value());
      a.addGradient(dh.t().mm(tape.take()), scale);
      if (!input.flows()) {
        return dx;
      }
      Tensor sum = base.addInputGradient(dy, dx);
      sum.addmm_(dh, a.value(), Scalars.of(1), Scalars.of(scale));
      return dx == null ? scope.keep(sum) : dx;
    }
  }
}
