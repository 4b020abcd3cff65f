package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.model.Classifier;
import io.github.sparklorafa.model.MicroBatch;
import io.github.sparklorafa.model.Model;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What a model says about rows as a whole. */
public final class TextClassifier {
  private final Classifier model;

  /**
   * The model belongs to the caller.
   *
   * @throws IllegalArgumentException if it does something else
   */
  public TextClassifier(Model model) {
    if (!(model instanceof Classifier classifier)) {
      throw new IllegalArgumentException(
          "Cannot classify texts: the model writes them (use a checkpoint such as RoBERTa's, with"
              + " the adapter of a classification)");
    }
    this.model = classifier;
  }

  /** Logits of each row, one for each label; blocks the calling thread. */
  public float[][] logits(List<Example> rows) {
    MicroBatch batch = ModelInput.of(TokenBatch.of(rows));
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor logits =
          model
              .logits(batch.ids(), batch.types(), batch.sequences())
              .to(ScalarType.Float)
              .contiguous();
      float[][] read = new float[rows.size()][(int) logits.size(1)];
      for (int i = 0; i < read.length; i++) {
        new FloatPointer(logits.select(0, i).data_ptr()).get(read[i]);
      }
      return read;
    }
  }
}
