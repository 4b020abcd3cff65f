package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.model.AutoregressiveModel;
import io.github.sparklorafa.model.Model.LossSum;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;

/** The loss of single rows; the exponential of its mean is the perplexity. */
public final class Scorer {
  private final AutoregressiveModel model;

  /** The model belongs to the caller. */
  public Scorer(AutoregressiveModel model) {
    this.model = model;
  }

  /** The summed loss of a row, in nats, and over how many tokens; blocks the calling thread. */
  public LossSum score(Example row) {
    return score(List.of(row)).get(0);
  }

  /** The same for each of several rows, which go through the model at once. */
  public List<LossSum> score(List<Example> rows) {
    TokenBatch batch = TokenBatch.of(rows);
    float[] losses;
    try (NoGradGuard noGrad = new NoGradGuard()) {
      losses = model.losses(ModelInput.of(batch));
    }
    List<LossSum> sums = new ArrayList<>();
    for (int s = 0; s < rows.size(); s++) {
      double sum = 0;
      for (int i = batch.targetOffsets()[s]; i < batch.targetOffsets()[s + 1]; i++) {
        sum += losses[i];
      }
      sums.add(new LossSum(sum, rows.get(s).lossTerms()));
    }
    return sums;
  }
}
