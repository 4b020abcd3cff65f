package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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
    weight.addUser();
    return GradientFlow.STOPS.orTrained(weight);
  }

  /** {@code ids [tokens]} to {@code [tokens, features]}. */
  public Tensor forward(Tensor ids) {
    try (Scope scope = new Scope()) {
      Tensor table = weight.value();
      Tensor rows = Buffers.empty(table.scalar_type(), ids.size(0), table.size(1));
      torch.index_select_out(rows, table, 0, ids);
      return scope.keep(rows);
    }
  }

  /** Adds {@code dy [tokens, features]} to the rows of the gradient. */
  public void backward(Tensor ids, Tensor dy) {
    if (weight.trainable()) {
      weight.gradient().index_add_(0, ids, dy.to(weight.gradient().scalar_type()));
      weight.userDone();
    }
  }
}
