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
 * LoRA-FA: {@code y = x Wᵀ + s (x Aᵀ) Bᵀ} with {@code W [out, in]} and {@code A [rank, in]} frozen;
 * only {@code B [out, rank]} is trained, from zero.
 *
 * <table>
 *   <caption>What the backward pass needs</caption>
 *   <tr><td>{@code dB = s · dyᵀ (x Aᵀ)}</td><td>{@code h = x Aᵀ}: rank numbers a token, the only thing kept</td></tr>
 *   <tr><td>{@code dx = dy W + s (dy B) A}</td><td>frozen matrices</td></tr>
 * </table>
 *
 * <p>Dropout stands before A and needs no more: its mask is made again ({@link AdapterInput}).
 *
 * <p>LoRA also needs {@code dA = s · (dy B)ᵀ x}, and for it the full-width input {@code x}; see
 * {@link LoraLinear}. That input is what LoRA-FA saves (arXiv 2308.03303, section 3).
 */
final class LoraFaLinear implements Projection {
  private final Linear base;
  private final Parameter a;
  private final Parameter b;
  private final double scale;
  private final AdapterInput adapterInput;
  private GradientFlow input = GradientFlow.STOPS;

  LoraFaLinear(Linear base, Parameter a, Parameter b, double scale, AdapterInput adapterInput) {
    this.base = base;
    this.a = a;
    this.b = b;
    this.scale = scale;
    this.adapterInput = adapterInput;
  }

  @Override
  public GradientFlow plan(GradientFlow input) {
    this.input = input;
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
    tape.keep(h);
    return h;
  }

  @Override
  public Tensor backward(Tensor dy, Tape tape, Tensor dx) {
    try (Scope scope = new Scope()) {
      Tensor h = tape.take();
      b.addGradient(h.t().mm(dy).t(), scale);
      b.userDone();
      if (!input.flows()) {
        return dx;
      }
      Tensor sum = base.addInputGradient(dy, dx);
      adapterInput.addGradient(sum, dy.mm(b.value()), a.value(), scale);
      return dx == null ? scope.keep(sum) : dx;
    }
  }
}
