package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rotary position embedding (Su et al., 2021) in Hugging Face's layout: number {@code i} of a head
 * turns with number {@code i + dim/2} by the angle {@code position · frequency_i} of a {@link
 * Rope}; what lies beyond {@code dim} numbers stays. It turns in place, and back for the gradient,
 * so it keeps nothing.
 */
public final class RotaryEmbedding {
  private final int headDim;
  private final int half;
  private final double[] frequencies;
  private final double factor;

  /**
   * For heads of {@code headDim} numbers.
   *
   * @throws IllegalArgumentException if {@code rope} does not turn an even part of them
   */
  public RotaryEmbedding(int headDim, Rope rope) {
    if (rope.dim() > headDim || rope.dim() % 2 != 0) {
      throw new IllegalArgumentException(
          "Cannot turn heads: %d of %d numbers (an even part is needed)"
              .formatted(rope.dim(), headDim));
    }
    this.headDim = headDim;
    this.half = rope.dim() / 2;
    this.frequencies = rope.frequencies();
    this.factor = rope.scaling().attentionFactor();
  }

  /**
   * Cosines and sines of a micro-batch, {@code [tokens, 1, dim/2]} each, shared by all layers of a
   * pass.
   */
  public record Angles(Tensor cosines, Tensor sines) {}

  /**
   * The angles at {@code positions [tokens]}, in the dtype of the activations; the caller's scope
   * owns them.
   */
  public Angles angles(long[] positions, ScalarType dtype) {
    float[] cosines = new float[positions.length * half];
    float[] sines = new float[positions.length * half];
    for (int token = 0; token < positions.length; token++) {
      for (int i = 0; i < half; i++) {
        // Hugging Face multiplies position and frequency in fp32.
        float angle = (float) positions[token] * (float) frequencies[i];
        cosines[token * half + i] = (float) (factor * Math.cos(angle));
        sines[token * half + i] = (float) (factor * Math.sin(angle));
      }
    }
    try (Scope scope = new Scope()) {
      long[] shape = {positions.length, 1, half};
      return new Angles(
          scope.keep(Tensor.create(cosines).view(shape).to(dtype)),
          scope.keep(Tensor.create(sines).view(shape).to(dtype)));
    }
  }

  /** Turns {@code x [tokens, heads · headDim]}, which may be columns of a matrix, in place. */
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
        x.scalar_type(),
        1,
        (start, rows, room) -> {
          Tensor heads = x.narrow(0, start, rows).view(rows, -1, headDim);
          Tensor first = heads.narrow(2, 0, half);
          Tensor second = heads.narrow(2, half, half);
          Tensor cos = angles.cosines().narrow(0, start, rows);
          Tensor sin = angles.sines().narrow(0, start, rows);
          Tensor crossed = room[0].view(rows, -1, headDim).narrow(2, 0, half);
          torch.mul_out(crossed, first, sin);
          first.mul_(cos).addcmul_(second, sin, Scalars.of(-direction));
          second.mul_(cos).add_(crossed, Scalars.of(direction));
        });
  }
}
