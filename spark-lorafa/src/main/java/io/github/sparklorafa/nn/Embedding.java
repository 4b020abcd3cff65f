package io.github.sparklorafa.nn;

import org.bytedeco.pytorch.Tensor;

/**
 * Rows of {@code weight [vocabulary, features]} by token id. Keeps nothing: the ids belong to the
 * batch.
 */
public final class Embedding {
  private final Parameter weight;

  public Embedding(Parameter weight) {
    this.weight = weight;
  }

  /** Whether the output has a gradient. */
  public GradientFlow plan() {
    return GradientFlow.STOPS.orTrained(weight);
  }

  /** {@code ids [tokens]} to {@code [tokens, features]}. */
  public Tensor forward(Tensor ids) {
    return weight.value().index_select(0, ids);
  }

  /** Adds {@code dy [tokens, features]} to the rows of the gradient. */
  public void backward(Tensor ids, Tensor dy) {
    if (weight.trainable()) {
      weight.gradient().index_add_(0, ids, dy.to(weight.gradient().scalar_type()));
    }
  }
}
