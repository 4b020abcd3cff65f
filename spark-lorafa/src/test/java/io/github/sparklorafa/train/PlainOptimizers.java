package io.github.sparklorafa.train;

import java.util.List;
import java.util.Optional;

/** Heavy-ball momentum, as another jar would bring it, for tests: {@code plain:momentum}. */
public final class PlainOptimizers implements SliceOptimizer.Provider {
  @Override
  public String name() {
    return "plain";
  }

  @Override
  public SliceOptimizer.Kind kind(String optimizer, TrainConfig config) {
    String momentum = config.extras().optimizerOptions().getOrDefault("momentum", "0.9");
    return new Kind(Float.parseFloat(momentum));
  }

  private record Kind(float momentum) implements SliceOptimizer.Kind {
    @Override
    public List<String> slots() {
      return List.of("momentum_buffer");
    }

    @Override
    public boolean usesNorms() {
      return true;
    }

    @Override
    public SliceOptimizer open(int count, boolean decays) {
      return new Momentum(momentum, new float[count]);
    }

    @Override
    public Optional<SliceOptimizer.Rates> rates() {
      return Optional.empty();
    }
  }

  /** Steps along the gradient over its norm, so that a norm of a part would be noticed. */
  private static final class Momentum implements SliceOptimizer {
    private final float momentum;
    private final float[] buffer;

    Momentum(float momentum, float[] buffer) {
      this.momentum = momentum;
      this.buffer = buffer;
    }

    @Override
    public void step(
        float[] values, float[] gradients, double learningRate, Optional<Norms> norms) {
      float rate = (float) (learningRate / (norms.orElseThrow().gradientNorm() + 1e-3));
      for (int i = 0; i < values.length; i++) {
        buffer[i] = momentum * buffer[i] + gradients[i];
        values[i] -= rate * buffer[i];
      }
    }

    @Override
    public List<float[]> state() {
      return List.of(buffer);
    }

    @Override
    public void restore(List<float[]> state, long steps) {
      System.arraycopy(state.get(0), 0, buffer, 0, buffer.length);
    }
  }
}
