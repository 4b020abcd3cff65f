package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * {@code y = act(gate) ∘ up}: SwiGLU and GEGLU (Shazeer, 2020). Keeps gate and up if either has a
 * gradient, from which the product can be made again. {@code dup = dy ∘ act(gate)}, {@code dgate =
 * dy ∘ up ∘ act′(gate)}.
 */
public final class GatedUnit {
  private final Activation activation;
  private GradientFlow output = GradientFlow.STOPS;

  public GatedUnit(Activation activation) {
    this.activation = activation;
  }

  /** What is applied to the gate. */
  public enum Activation {
    /** {@code x σ(x)}. */
    SILU {
      @Override
      void forward(Tensor y, Tensor x) {
        torch.silu_out(y, x);
      }

      @Override
      void backward(Tensor dx, Tensor dy, Tensor x) {
        torch.silu_backward_out(dx, dy, x);
      }
    },
    /** GELU in its approximation by tanh: {@code gelu_new} of Hugging Face. */
    GELU_TANH {
      @Override
      void forward(Tensor y, Tensor x) {
        torch.gelu_out(y, x, TANH);
      }

      @Override
      void backward(Tensor dx, Tensor dy, Tensor x) {
        torch.gelu_backward_out(dx, dy, x, TANH);
      }
    };

    private static final String TANH = "tanh";

    /** Writes {@code act(x)} to {@code y}. */
    abstract void forward(Tensor y, Tensor x);

    /** Writes {@code dy ∘ act′(x)} to {@code dx}, which may be {@code x}. */
    abstract void backward(Tensor dx, Tensor dy, Tensor x);
  }

  /** The gradients of both inputs; either may go unused. */
  public record Gradients(Tensor gate, Tensor up) {}

  /** See {@link Projection#plan}, for two inputs. */
  public GradientFlow plan(GradientFlow gate, GradientFlow up) {
    output = gate.or(up);
    return output;
  }

  /** {@code gate, up [tokens, features]} to the same shape. */
  public Tensor forward(Tensor gate, Tensor up, Tape tape) {
    Tensor y = apply(gate, up);
    if (output.flows()) {
      tape.keep(gate);
      tape.keep(up);
      tape.derive(y, () -> apply(gate, up));
    }
    return y;
  }

  private Tensor apply(Tensor gate, Tensor up) {
    try (Scope scope = new Scope()) {
      Tensor y = Buffers.emptyLike(gate);
      activation.forward(y, gate);
      return scope.keep(y.mul_(up));
    }
  }

  /**
   * Overwrites the kept gate and up with their gradients, so that nothing of full width is made.
   */
  public Gradients backward(Tensor dy, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor up = tape.take();
      Tensor gate = tape.take();
      RowBlocks.over(
          gate,
          gate.scalar_type(),
          2,
          (start, rows, room) ->
              backwardBlock(
                  dy.narrow(0, start, rows),
                  gate.narrow(0, start, rows),
                  up.narrow(0, start, rows),
                  room));
      return new Gradients(scope.keep(gate), scope.keep(up));
    }
  }

  private void backwardBlock(Tensor dy, Tensor gate, Tensor up, Tensor[] room) {
    torch.mul_out(room[0], dy, up);
    activation.forward(room[1], gate);
    torch.mul_out(up, dy, room[1]);
    activation.backward(gate, room[0], gate);
  }
}
