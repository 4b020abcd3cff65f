package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * {@code y = w ∘ x̂}, {@code x̂ = x · r}, {@code r = (mean(x²) + ε)^−½} by row (Zhang and Sennrich,
 * 2019), in fp32 inside.
 *
 * <p>Keeps {@code x} and the row statistic {@code r} (fp32) if anything below or {@code w} is
 * trained: {@code dx = r · (g − x̂ · mean(g ∘ x̂))} with {@code g = dy ∘ w}, and {@code dw = Σ dy ∘
 * x̂}.
 */
public final class RmsNorm {
  private final Parameter weight;
  private final double epsilon;
  private GradientFlow input = GradientFlow.STOPS;

  /** With {@code weight [features]}. */
  public RmsNorm(Parameter weight, double epsilon) {
    this.weight = weight;
    this.epsilon = epsilon;
  }

  /** See {@link Projection#plan}. */
  public GradientFlow plan(GradientFlow input) {
    this.input = input;
    weight.addUser();
    return input.orTrained(weight);
  }

  /** {@code x [tokens, features]} to the same shape. */
  public Tensor forward(Tensor x, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor r = torch.empty(new long[] {x.size(0), 1}, new TensorOptions(ScalarType.Float), null);
      Tensor y = Buffers.emptyLike(x);
      Tensor w = fp32(weight.value());
      RowBlocks.over(
          x,
          (start, rows) ->
              forwardBlock(rows(x, start, rows), rows(r, start, rows), w, rows(y, start, rows)));
      if (input.orTrained(weight).flows()) {
        tape.keep(x);
        tape.keep(r);
        tape.derive(y, () -> normed(x, r));
      }
      return scope.keep(y);
    }
  }

  /** The output for rows whose statistic is known. */
  private Tensor normed(Tensor x, Tensor r) {
    try (Scope scope = new Scope()) {
      Tensor y = Buffers.emptyLike(x);
      Tensor w = fp32(weight.value());
      RowBlocks.over(
          x,
          (start, rows) ->
              scale(rows(x, start, rows), rows(r, start, rows), w, rows(y, start, rows)));
      return scope.keep(y);
    }
  }

  private static void scale(Tensor x, Tensor r, Tensor w, Tensor y) {
    try (Scope scope = new Scope()) {
      y.copy_(fp32(x).mul(r).mul_(w));
    }
  }

  private void forwardBlock(Tensor x, Tensor r, Tensor w, Tensor y) {
    try (Scope scope = new Scope()) {
      Tensor x32 = fp32(x);
      torch.mean_out(r, x32.square(), new long[] {1}, true, new ScalarTypeOptional());
      r.add_(Scalars.of(epsilon)).rsqrt_();
      scale(x32, r, w, y);
    }
  }

  /**
   * Adds the input's gradient to {@code dx} in place, where it is asked for.
   *
   * @param dy {@code [tokens, features]}
   * @param dx {@code [tokens, features]}, or null while nothing has been added
   * @return as {@link Projection#backward}
   */
  public Tensor backward(Tensor dy, Tape tape, Tensor dx) {
    if (!input.orTrained(weight).flows()) {
      return dx;
    }
    try (Scope scope = new Scope()) {
      Tensor r = tape.take();
      Tensor x = tape.take();
      Tensor w = fp32(weight.value());
      Tensor sum = !input.flows() || dx != null ? dx : Buffers.emptyLike(x).zero_();
      RowBlocks.over(
          x,
          (start, rows) ->
              backwardBlock(
                  rows(dy, start, rows),
                  rows(x, start, rows),
                  rows(r, start, rows),
                  w,
                  input.flows() ? rows(sum, start, rows) : null));
      weight.userDone();
      return sum == dx ? dx : scope.keep(sum);
    }
  }

  private void backwardBlock(Tensor dy, Tensor x, Tensor r, Tensor w, Tensor dx) {
    try (Scope scope = new Scope()) {
      Tensor normed = fp32(x).mul(r);
      Tensor dy32 = fp32(dy);
      if (weight.trainable()) {
        weight.addGradient(dy32.mul(normed).sum(0), 1);
      }
      if (dx != null) {
        Tensor g = dy32.mul(w);
        Tensor mean = torch.mean(g.mul(normed), new long[] {1}, true, new ScalarTypeOptional());
        dx.add_(g.addcmul_(normed, mean, Scalars.of(-1)).mul_(r));
      }
    }
  }

  private static Tensor rows(Tensor x, long start, long rows) {
    return x.narrow(0, start, rows);
  }

  private static Tensor fp32(Tensor x) {
    return x.to(ScalarType.Float);
  }
}
