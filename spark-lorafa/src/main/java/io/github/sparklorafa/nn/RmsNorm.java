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
 * trained: {@code dx = r · g − r³ · x · mean(g ∘ x)} with {@code g = dy ∘ w}, and {@code dw = Σ dy
 * ∘ x̂}.
 */
public final class RmsNorm {
  private static final long[] ROW = {1};

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
          ScalarType.Float,
          2,
          (start, rows, room) -> {
            Tensor x32 = room[0].copy_(rows(x, start, rows));
            Tensor ofBlock = rows(r, start, rows);
            torch.mul_out(room[1], x32, x32);
            torch.mean_out(ofBlock, room[1], ROW, true, new ScalarTypeOptional());
            ofBlock.add_(Scalars.of(epsilon)).rsqrt_();
            rows(y, start, rows).copy_(x32.mul_(ofBlock).mul_(w));
          });
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
          ScalarType.Float,
          1,
          (start, rows, room) -> {
            Tensor x32 = room[0].copy_(rows(x, start, rows));
            rows(y, start, rows).copy_(x32.mul_(rows(r, start, rows)).mul_(w));
          });
      return scope.keep(y);
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
          ScalarType.Float,
          3,
          (start, rows, room) -> {
            Tensor x32 = room[0].copy_(rows(x, start, rows));
            Tensor dy32 = room[1].copy_(rows(dy, start, rows));
            Tensor ofBlock = rows(r, start, rows);
            if (weight.trainable()) {
              torch.mul_out(room[2], dy32, x32);
              weight.addGradient(room[2].mul_(ofBlock).sum(0), 1);
            }
            if (input.flows()) {
              addGradient(rows(sum, start, rows), dy32.mul_(w), x32, ofBlock, room[2]);
            }
          });
      weight.userDone();
      return sum == dx ? dx : scope.keep(sum);
    }
  }

  /** Adds {@code r · g − r³ · x · mean(g ∘ x)} to {@code dx}. */
  private static void addGradient(Tensor dx, Tensor g, Tensor x, Tensor r, Tensor room) {
    torch.mul_out(room, g, x);
    Tensor factor = torch.mean(room, ROW, true, new ScalarTypeOptional());
    factor.mul_(r).mul_(r).mul_(r).neg_();
    dx.copy_(room.copy_(dx).addcmul_(g, r).addcmul_(x, factor));
  }

  private static Tensor rows(Tensor x, long start, long rows) {
    return x.narrow(0, start, rows);
  }

  private static Tensor fp32(Tensor x) {
    return x.to(ScalarType.Float);
  }
}
