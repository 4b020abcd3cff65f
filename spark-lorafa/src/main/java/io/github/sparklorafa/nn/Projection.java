package io.github.sparklorafa.nn;

import org.bytedeco.pytorch.Tensor;

/**
 * A linear map inside a model, plain or adapted. Models call nothing else, so they know no
 * adapters.
 */
public interface Projection {
  /**
   * Fixes which gradients are owed, before the first step.
   *
   * @param input whether the input's gradient is asked for
   * @return whether the output has a gradient
   */
  GradientFlow plan(GradientFlow input);

  /** {@code x [tokens, in]} to {@code [tokens, out]}, owned by the caller's scope. */
  Tensor forward(Tensor x, Tape tape);

  /** Keeps what {@link #forward} keeps, without the product: for a pass that is made again. */
  void remember(Tensor x, Tape tape);

  /**
   * Adds to the gradients of the trainable parameters, and to the input's where it is asked for.
   *
   * @param dy {@code [tokens, out]}
   * @param dx {@code [tokens, in]}, added to in place; null while nothing has been
   * @return the input's gradient so far, owned by the caller's scope, or null if none is asked for
   *     and {@code dx} is null
   */
  Tensor backward(Tensor dy, Tape tape, Tensor dx);
}
