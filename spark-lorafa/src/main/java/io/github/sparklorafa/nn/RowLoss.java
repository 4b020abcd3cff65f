package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Losses of whole rows of {@code logits [rows, labels]}, in fp32. A row has one loss, its mean over
 * the labels; the losses and their gradients are sums over the rows, so that they add up over
 * micro-batches and workers.
 */
public enum RowLoss {
  /**
   * Cross-entropy of a softmax: one class for each row, {@code −log p(class)}. A row whose class is
   * {@link ChunkedCrossEntropy#IGNORED} costs nothing.
   */
  CROSS_ENTROPY {
    @Override
    Losses losses(Tensor logits, float[] values) {
      long rows = logits.size(0);
      long[] classes = new long[(int) rows];
      float[] counted = new float[(int) rows];
      for (int i = 0; i < rows; i++) {
        boolean ignored = values[i] == ChunkedCrossEntropy.IGNORED;
        classes[i] = ignored ? 0 : classIndex(values[i], logits.size(1));
        counted[i] = ignored ? 0 : 1;
      }
      Tensor target = Tensor.create(classes).unsqueeze(1);
      Tensor weight = Tensor.create(counted).unsqueeze(1);
      Tensor logProbabilities = torch.log_softmax(logits, 1);
      Tensor loss = logProbabilities.gather(1, target).mul_(weight).sum().neg_();
      Tensor gradient = logProbabilities.exp_();
      gradient.scatter_add_(1, target, weight.neg()).mul_(weight);
      return new Losses(loss, (long) weight.sum().item_float(), gradient);
    }

    @Override
    int width(long labels) {
      return 1;
    }
  },

  /** Binary cross-entropy of a sigmoid: 0 or 1 for each label of each row. */
  BINARY_CROSS_ENTROPY {
    @Override
    Losses losses(Tensor logits, float[] values) {
      Tensor target = Tensor.create(values).view(logits.size(0), logits.size(1));
      // log(1 + eˣ) − x y, written so that no exponential overflows.
      Tensor softplus = logits.abs().neg_().exp_().log1p_().add_(logits.clamp_min(Scalars.of(0)));
      Tensor loss = softplus.sub_(logits.mul(target)).sum();
      return perLabel(loss, logits.sigmoid().sub_(target));
    }
  },

  /** Squared error: a number for each label of each row. */
  SQUARED_ERROR {
    @Override
    Losses losses(Tensor logits, float[] values) {
      Tensor target = Tensor.create(values).view(logits.size(0), logits.size(1));
      Tensor error = logits.sub(target);
      return perLabel(error.square().sum(), error.mul(Scalars.of(2)));
    }
  };

  /**
   * A sum of losses.
   *
   * @param sum over the rows
   * @param terms rows that were added
   * @param gradient {@code [rows, labels]} of the sum, in the dtype of the logits, owned by the
   *     caller's scope
   */
  public record Loss(double sum, long terms, Tensor gradient) {}

  /** The same in fp32, owned by the scope of {@link #of}. */
  record Losses(Tensor sum, long terms, Tensor gradient) {}

  /** Of fp32 logits, which are only read. */
  abstract Losses losses(Tensor logits, float[] values);

  /** Numbers of one row, for logits of so many labels. */
  int width(long labels) {
    return Math.toIntExact(labels);
  }

  /**
   * The loss of {@code logits [rows, labels]}.
   *
   * @param values {@code [rows · width]}, row by row; width is 1 for classes, else the labels
   * @throws IllegalArgumentException if there are more or fewer values, or a class is none
   */
  public Loss of(Tensor logits, float[] values) {
    long expected = logits.size(0) * width(logits.size(1));
    if (values.length != expected) {
      throw new IllegalArgumentException(
          "Cannot compute a loss: %d labels for %d rows (each row needs %d)"
              .formatted(values.length, logits.size(0), width(logits.size(1))));
    }
    try (Scope scope = new Scope()) {
      Losses losses = losses(logits.to(ScalarType.Float), values);
      Tensor gradient = losses.gradient().to(logits.scalar_type());
      return new Loss(losses.sum().item_float(), losses.terms(), scope.keep(gradient));
    }
  }

  /** The mean over the labels, whose gradients are then as much smaller. */
  private static Losses perLabel(Tensor sum, Tensor gradient) {
    double each = 1.0 / gradient.size(1);
    return new Losses(sum.mul(Scalars.of(each)), gradient.size(0), gradient.mul_(Scalars.of(each)));
  }

  private static long classIndex(float value, long labels) {
    long index = (long) value;
    if (index != value || index < 0 || index >= labels) {
      throw new IllegalArgumentException(
          "Cannot compute a loss: class %s of %d (classes are whole numbers from 0)"
              .formatted(value, labels));
    }
    return index;
  }
}
