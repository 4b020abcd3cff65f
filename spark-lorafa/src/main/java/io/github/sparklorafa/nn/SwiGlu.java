package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * {@code y = silu(gate) ∘ up} (Shazeer, 2020). Keeps gate and up if either has a gradient; the
 * product is not kept. {@code dup = dy ∘ silu(gate)}, {@code dgate = dy ∘ up ∘ silu′(gate)}.
 */
public final class SwiGlu {
  private GradientFlow output = GradientFlow.STOPS;

  /** The gradients of both inputs; either may go unused. */
  public record Gradients(Tensor gate, Tensor up) {}

  /** See {@link Projection#plan}, for two inputs. */
  public GradientFlow plan(GradientFlow gate, GradientFlow up) {
    output = gate.or(up);
    return output;
  }

  /** {@code gate, up [tokens, features]} to the same shape. */
  public Tensor forward(Tensor gate, Tensor up, Tape tape) {
    try (Scope scope = new Scope()) {
      if (output.flows()) {
        tape.keep(gate);
        tape.keep(up);
      }
      Tensor y = Buffers.emptyLike(gate);
      torch.silu_out(y, gate);
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
          (start, rows) ->
              backwardBlock(
                  dy.narrow(0, start, rows),
                  gate.narrow(0, start, rows),
                  up.narrow(0, start, rows)));
      return new Gradients(scope.keep(gate), scope.keep(up));
    }
  }

  private static void backwardBlock(Tensor dy, Tensor gate, Tensor up) {
    try (Scope scope = new Scope()) {
      Tensor dActivated = dy.mul(up);
      torch.mul_out(up, dy, torch.silu(gate));
      torch.silu_backward_out(gate, dActivated, gate);
    }
  }
}
