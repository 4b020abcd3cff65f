package io.github.sparklorafa.nn;

import org.bytedeco.pytorch.Tensor;

/** {@code W [out, in]} of a linear layer, however it is held. */
public sealed interface Weight permits DenseWeight, PackedWeight {
  /** The name in the checkpoint. */
  String name();

  /** Numbers of one output row. */
  long outFeatures();

  /** Numbers of one input row. */
  long inFeatures();

  /** Bytes that are held. */
  long bytes();

  /** Whether this is trained. */
  boolean trainable();

  /**
   * Adds {@code part [out, in]} to the fp32 gradient: all that one layer adds in a backward pass.
   *
   * @throws IllegalStateException if this is not trained
   */
  void addGradient(Tensor part);

  /** Plans that a layer adds to the gradient in each backward pass, if this is trained. */
  void addUser();

  /** {@code x Wᵀ}: {@code x [tokens, in]} to {@code [tokens, out]}, owned by the caller's scope. */
  Tensor product(Tensor x);

  /**
   * {@code dx + dy W}, in place where there is a {@code dx}.
   *
   * @param dy {@code [tokens, out]}
   * @param dx {@code [tokens, in]}, or null for zeros
   */
  Tensor addInputGradient(Tensor dy, Tensor dx);
}
