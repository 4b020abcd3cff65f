package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.model.CausalModel;
import io.github.sparklorafa.nn.Sequences;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;

/** The loss of single rows; the exponential of its mean is the perplexity. */
public final class Scorer {
  private final CausalModel model;

  /** The model belongs to the caller. */
  public Scorer(CausalModel model) {
    this.model = model;
  }

  /** The summed loss of a row, in nats, and over how many tokens; blocks the calling thread. */
  public CausalModel.LossSum score(Example row) {
    TokenBatch batch = TokenBatch.of(List.of(row));
    try (NoGradGuard noGrad = new NoGradGuard()) {
      return model.evaluate(batch.ids(), batch.targets(), new Sequences(batch.offsets()));
    }
  }
}
