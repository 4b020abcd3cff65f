package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * {@code y = x Φ(x)} (Hendrycks and Gimpel, 2016). Keeps {@code x} if it has a gradient: {@code dx
 * = dy ∘ (Φ(x) + x φ(x))}.
 */
public final class Gelu {
  /** How the normal distribution {@code Φ} is computed. */
  public enum Form {
    /** By the error function: Hugging Face's {@code gelu}. */
    ERF("none"),
    /** {@code ½ (1 + tanh(√(2/π) (x + 0.044715 x³)))}: Hugging Face's {@code gelu_new}. */
    TANH("tanh");

    private final String approximate;

    Form(String approximate) {
      this.approximate = approximate;
    }

    /** Writes the activation of {@code x} to {@code y}, which may be {@code x}. */
    void apply(Tensor y, Tensor x) {
      torch.gelu_out(y, x, approximate);
    }

    /** Writes the gradient at {@code x} to {@code dx}, which may be {@code x} or {@code dy}. */
    void backward(Tensor dx, Tensor dy, Tensor x) {
      torch.gelu_backward_out(dx, dy, x, approximate);
    }
  }

  private final Form form;
  private GradientFlow input = GradientFlow.STOPS;

  public Gelu(Form form) {
    this.form = form;
  }

  /** See {@link Projection#plan}. */
  public GradientFlow plan(GradientFlow input) {
    this.input = input;
    return input;
  }

  /** {@code x [tokens, features]} to the same shape. */
  public Tensor forward(Tensor x, Tape tape) {
    Tensor y = apply(x);
    if (input.flows()) {
      tape.keep(x);
      tape.derive(y, () -> apply(x));
    }
    return y;
  }

  private Tensor apply(Tensor x) {
    try (Scope scope = new Scope()) {
      Tensor y = Buffers.emptyLike(x);
      form.apply(y, x);
      return scope.keep(y);
    }
  }

  /**
   * {@code dy} to the input's gradient, which overwrites the kept input; null if none is asked for.
   */
  public Tensor backward(Tensor dy, Tape tape) {
    if (!input.flows()) {
      return null;
    }
    try (Scope scope = new Scope()) {
      Tensor x = tape.take();
      form.backward(x, dy, x);
      return scope.keep(x);
    }
  }
}
