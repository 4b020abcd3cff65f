package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * {@code y = w ∘ x̂ + b}, {@code x̂ = (x − μ) r}, {@code r = (var(x) + ε)^−½} by row (Ba et al.,
 * 2016), in fp32 inside.
 *
 * <p>Keeps {@code x} and the row statistics {@code μ}, {@code r} (fp32) if anything below, or
 * {@code w}, is trained: {@code dx = r · (g − mean(g) − x̂ · mean(g ∘ x̂))} with {@code g = dy ∘
 * w}, {@code dw = Σ dy ∘ x̂}; {@code db = Σ dy} needs nothing.
 */
public final class LayerNorm {
  private final Parameter weight;
  private final Parameter bias;
  private final double epsilon;
  private GradientFlow input = GradientFlow.STOPS;

  /** With {@code weight [features]} and {@code bias [features]}. */
  public LayerNorm(Parameter weight, Parameter bias, double epsilon) {
    this.weight = weight;
    this.bias = bias;
    this.epsilon = epsilon;
  }

  /** The norm {@code module} of a checkpoint. */
  public static LayerNorm of(Parameters parameters, String module, long features, double epsilon) {
    return new LayerNorm(
        parameters.parameter(module + ".weight", features),
        parameters.parameter(module + ".bias", features),
        epsilon);
  }

  /** See {@link Projection#plan}. */
  public GradientFlow plan(GradientFlow input) {
    this.input = input;
    weight.addUser();
    bias.addUser();
    return input.orTrained(weight).orTrained(bias);
  }

  /** {@code x [tokens, features]} to the same shape. */
  public Tensor forward(Tensor x, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor y = Buffers.emptyLike(x);
      Tensor mean = statistic(x);
      Tensor r = statistic(x);
      Affine affine = new Affine();
      RowBlocks.over(
          x,
          (start, rows) ->
              forwardBlock(
                  x.narrow(0, start, rows),
                  affine,
                  y.narrow(0, start, rows),
                  mean.narrow(0, start, rows),
                  r.narrow(0, start, rows)));
      if (needsInput()) {
        tape.keep(x);
        tape.keep(mean);
        tape.keep(r);
        tape.derive(y, () -> normed(x));
      }
      return scope.keep(y);
    }
  }

  private Tensor normed(Tensor x) {
    try (Scope scope = new Scope()) {
      Tensor y = Buffers.emptyLike(x);
      Affine affine = new Affine();
      RowBlocks.over(
          x,
          (start, rows) ->
              y.narrow(0, start, rows).copy_(affine.normed(x.narrow(0, start, rows)).get0()));
      return scope.keep(y);
    }
  }

  private void forwardBlock(Tensor x, Affine affine, Tensor y, Tensor mean, Tensor r) {
    try (Scope scope = new Scope()) {
      T_TensorTensorTensor_T normed = affine.normed(x);
      y.copy_(normed.get0());
      mean.copy_(normed.get1());
      r.copy_(normed.get2());
    }
  }

  /**
   * {@code dy [tokens, features]} to the input's gradient, owned by the caller's scope; null if
   * none is asked for.
   */
  public Tensor backward(Tensor dy, Tape tape) {
    try (Scope scope = new Scope()) {
      if (!needsInput()) {
        if (bias.trainable()) {
          bias.addGradient(dy.sum(0), 1);
          bias.userDone();
        }
        return null;
      }
      Tensor r = tape.take();
      Tensor mean = tape.take();
      Tensor x = tape.take();
      Affine affine = new Affine();
      Tensor dx = input.flows() ? Buffers.emptyLike(x) : null;
      RowBlocks.over(
          x,
          (start, rows) ->
              backwardBlock(
                  dy.narrow(0, start, rows),
                  x.narrow(0, start, rows),
                  mean.narrow(0, start, rows),
                  r.narrow(0, start, rows),
                  affine,
                  dx == null ? null : dx.narrow(0, start, rows)));
      weight.userDone();
      bias.userDone();
      return dx == null ? null : scope.keep(dx);
    }
  }

  private void backwardBlock(Tensor dy, Tensor x, Tensor mean, Tensor r, Affine affine, Tensor dx) {
    try (Scope scope = new Scope()) {
      BoolPointer owed = new BoolPointer(3);
      owed.put(0, dx != null).put(1, weight.trainable()).put(2, bias.trainable());
      T_TensorTensorTensor_T gradients =
          torch.native_layer_norm_backward(
              fp32(dy), fp32(x), features(), mean, r, affine.weight, affine.bias, owed);
      if (weight.trainable()) {
        weight.addGradient(gradients.get1(), 1);
      }
      if (bias.trainable()) {
        bias.addGradient(gradients.get2(), 1);
      }
      if (dx != null) {
        dx.copy_(gradients.get0());
      }
    }
  }

  /** Weight and bias in fp32: then the statistics of bf16 rows are fp32 too. */
  private final class Affine {
    private final TensorOptional weight = new TensorOptional(fp32(LayerNorm.this.weight.value()));
    private final TensorOptional bias = new TensorOptional(fp32(LayerNorm.this.bias.value()));

    /** The output, the means and the factors r. */
    T_TensorTensorTensor_T normed(Tensor x) {
      return torch.native_layer_norm(x, features(), weight, bias, epsilon);
    }
  }

  private boolean needsInput() {
    return input.orTrained(weight).flows();
  }

  private long[] features() {
    return new long[] {weight.count()};
  }

  private static Tensor statistic(Tensor x) {
    return torch.empty(new long[] {x.size(0), 1}, new TensorOptions(ScalarType.Float), null);
  }

  private static Tensor fp32(Tensor x) {
    return x.to(ScalarType.Float);
  }
}
