package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * An {@link RmsNorm} of each head of {@code [tokens, heads · headDim]}, with one weight {@code
 * [headDim]} for all heads. Keeps what that keeps, a row statistic for each head.
 */
public final class HeadNorm {
  private final RmsNorm norm;
  private final int headDim;

  /** With {@code weight [headDim]}. */
  public HeadNorm(Parameter weight, double epsilon, int headDim) {
    this.norm = new RmsNorm(weight, epsilon);
    this.headDim = headDim;
  }

  /** See {@link Projection#plan}. */
  public GradientFlow plan(GradientFlow input) {
    return norm.plan(input);
  }

  /** {@code x [tokens, heads · headDim]} to the same shape. */
  public Tensor forward(Tensor x, Tape tape) {
    try (Scope scope = new Scope()) {
      return scope.keep(norm.forward(x.view(-1, headDim), tape).view(x.size(0), x.size(1)));
    }
  }

  /**
   * {@code dy [tokens, heads · headDim]} to the input's gradient, owned by the caller's scope; null
   * if none is asked for.
   */
  public Tensor backward(Tensor dy, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor dx = norm.backward(dy.view(-1, headDim), tape, null);
      return dx == null ? null : scope.keep(dx.view(dy.size(0), dy.size(1)));
    }
  }
}
