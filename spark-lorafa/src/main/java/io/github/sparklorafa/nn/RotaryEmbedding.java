package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rotary position embedding (Su et al., 2021) in Hugging Face's layout: number {@code i} of a head
 * turns with number {@code i + headDim/2} by the angle {@code position · θ^(−2i/headDim)}. It turns
 * in place, and back for the gradient, so it keeps nothing.
 */
public final class RotaryEmbedding {
  private final int headDim;
  private final double[] inverseFrequencies;

  /** With base {@code theta}. */
  public RotaryEmbedding(int headDim, double theta) {
    this.headDim = headDim;
    this.inverseFrequencies = new double[headDim / 2];
    for (int i = 0; i < inverseFrequencies.length; i++) {
      inverseFrequencies[i] = Math.pow(theta, -2.0 * i / headDim);
    }
  }

  /**
   * Cosines and sines of a micro-batch, {@code [tokens, 1, headDim/2]} each, shared by all layers
   * of a pass.
   */
  public record Angles(Tensor cosines, Tensor sines) {}

  /**
   * The angles at {@code positions [tokens]}, in the dtype of the activations; the caller's scope
   * owns them.
   */
  public Angles angles(long[] positions, ScalarType dtype) {
    int half = headDim / 2;
    float[] cosines = new float[positions.length * half];
    float[] sines = new float[positions.length * half];
    for (int token = 0; token < positions.length; token++) {
      for (int i = 0; i < half; i++) {
        // Hugging Face multiplies position and frequency in fp32.
        float angle = (float) positions[token] * (float) inverseFrequencies[i];
        cosines[token * half + i] = (float) Math.cos(angle);
        sines[token * half + i] = (float) Math.sin(angle);
      }
    }
    try (Scope scope = new Scope()) {
      long[] shape = {positions.length, 1, half};
      return new Angles(
          scope.keep(Tensor.create(cosines).view(shape).to(dtype)),
          scope.keep(Tensor.create(sines).view(shape).to(dtype)));
    }
  }

  /** Turns {@code x [tokens, heads · headDim]} in place. */
  public void forward(Tensor x, Angles angles) {
    turn(x, angles, 1);
  }

  /** Turns the gradient {@code dy [tokens, heads · headDim]} back in place. */
  public void backward(Tensor dy, Angles angles) {
    turn(dy, angles, -1);
  }

  private void turn(Tensor x, Angles angles, int direction) {
    RowBlocks.over(
        x,
        (start, rows) -> {
          try (Scope scope = new Scope()) {
            Tensor heads = x.narrow(0, start, rows).view(rows, -1, headDim);
            Tensor first = heads.narrow(2, 0, headDim / 2);
            Tensor second = heads.narrow(2, headDim / 2, headDim / 2);
            Tensor cos = angles.cosines().narrow(0, start, rows);
            Tensor sin = angles.sines().narrow(0, start, rows);
            Tensor crossed = torch.mul(first, sin);
            first.mul_(cos).addcmul_(second, sin, Scalars.of(-direction));
            second.mul_(cos).add_(crossed, Scalars.of(direction));
          }
        });
  }
}
