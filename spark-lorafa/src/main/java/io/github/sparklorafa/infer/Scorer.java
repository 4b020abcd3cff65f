package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.model.Model;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;

/** The loss of single rows; the exponential of its mean is the perplexity. */
public final class Scorer {
  private final Model model;

  /** The model belongs to the caller. */
  public Scorer(Model model) {
    this.model = model;
  }

  /** The summed loss of a row, in nats, and over how many tokens; blocks the calling thread. */
  public Model.LossSum score(Example row) {
    TokenBatch batch = TokenBatch.of(List.of(row));
    try (NoGradGuard noGrad = new NoGradGuard()) {
      return model.evaluate(ModelInput.of(batch));
    }
  }
}
