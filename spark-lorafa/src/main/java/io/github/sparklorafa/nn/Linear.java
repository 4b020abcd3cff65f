package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * {@code y = x Wᵀ + b}, {@code W [out, in]}, {@code b [out]} or none. Keeps {@code x} only if W is
 * trained: {@code dW = dyᵀ x}, {@code db = Σ dy}, {@code dx = dy W}. A frozen W may be held in
 * fewer bits than it is multiplied in ({@link Weight}).
 */
public final class Linear implements Projection {
  private final Weight weight;
  private final Parameter bias;
  private GradientFlow input = GradientFlow.STOPS;

  /**
   * @param bias null for none
   */
  public Linear(Parameter weight, Parameter bias) {
    this(new DenseWeight(weight), bias);
  }

  /**
   * @param bias null for none
   */
  public Linear(Weight weight, Parameter bias) {
    this.weight = weight;
    this.bias = bias;
  }

  /** The linear layer {@code module} of a checkpoint, with a bias where {@code bias} says so. */
  public static Linear of(Parameters parameters, String module, Bias bias, long out, long in) {
    return new Linear(
        parameters.weight(module + ".weight", out, in),
        bias == Bias.YES ? parameters.parameter(module + ".bias", out) : null);
  }

  /** Whether a linear layer adds a bias. */
  public enum Bias {
    YES,
    NO
  }

  @Override
  public GradientFlow plan(GradientFlow input) {
    this.input = input;
    weight.addUser();
    if (bias != null) {
      bias.addUser();
    }
    return input.or(GradientFlow.when(weight.trainable())).orTrained(bias);
  }

  @Override
  public Tensor forward(Tensor x, Tape tape) {
    remember(x, tape);
    return apply(x);
  }

  @Override
  public void remember(Tensor x, Tape tape) {
    if (weight.trainable()) {
      tape.keep(x);
    }
  }

  /** {@code x Wᵀ + b}, keeping nothing. */
  public Tensor apply(Tensor x) {
    try (Scope scope = new Scope()) {
      Tensor product = weight.product(x);
      return scope.keep(bias == null ? product : product.add_(bias.value()));
    }
  }

  @Override
  public Tensor backward(Tensor dy, Tape tape, Tensor dx) {
    try (Scope scope = new Scope()) {
      if (weight.trainable()) {
        weight.addGradient(dy.t().mm(tape.take()));
      }
      if (bias != null && bias.trainable()) {
        bias.addGradient(dy.sum(0), 1);
        bias.userDone();
      }
      return input.flows() ? result(scope, addInputGradient(dy, dx), dx) : dx;
    }
  }

  /** {@code dx + dy W}, in place where there is a {@code dx}. */
  public Tensor addInputGradient(Tensor dy, Tensor dx) {
    return weight.addInputGradient(dy, dx);
  }

  /** {@code sum}, or the {@code dx} it was added to: the caller owns that one already. */
  private static Tensor result(Scope scope, Tensor sum, Tensor dx) {
    return dx == null ? scope.keep(sum) : dx;
  }

  /** {@code W [out, in]}. */
  public Weight weight() {
    return weight;
  }

  /** Numbers of one output row. */
  public long outFeatures() {
    return weight.outFeatures();
  }

  /** Numbers of one input row. */
  public long inFeatures() {
    return weight.inFeatures();
  }
}
