package io.github.sparklorafa.train;

import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * AdamW with decoupled weight decay (Loshchilov and Hutter, 2019), in the order of operations of
 * {@code torch.optim.AdamW}, over flat fp32 buffers:
 *
 * <pre>
 *   p ← p (1 − lr·λ);  m ← m + (1 − β₁)(g − m);  v ← β₂ v + (1 − β₂) g²
 *   p ← p − lr/(1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 * </pre>
 */
final class AdamW implements Optimizer {
  /** Numbers of a block, whose five passes stay in a core's cache. */
  private static final long BLOCK = 1 << 15;

  private final List<UpdateRule.Range> ranges;
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final double weightDecay;
  private final Tensor moment;
  private final Tensor secondMoment;
  private long step;

  /**
   * @param parameters {@code [n]}
   * @param ranges of them, with the rule of each
   */
  AdamW(TrainConfig config, Tensor parameters, List<UpdateRule.Range> ranges) {
    this.ranges = ranges;
    beta1 = config.beta1();
    beta2 = config.beta2();
    epsilon = config.epsilon();
    weightDecay = config.weightDecay();
    try (Scope scope = new Scope()) {
      moment = scope.release(torch.zeros_like(parameters));
      secondMoment = scope.release(torch.zeros_like(parameters));
    }
  }

  @Override
  public void step(Tensor parameters, Tensor gradients, double learningRate) {
    step++;
    for (UpdateRule.Range range : ranges) {
      step(parameters, gradients, range, learningRate * range.rule().rate());
    }
  }

  private void step(
      Tensor parameters, Tensor gradients, UpdateRule.Range range, double learningRate) {
    double stepSize = learningRate / (1 - Math.pow(beta1, step));
    double secondRoot = Math.sqrt(1 - Math.pow(beta2, step));
    double decayed = range.rule().decays() ? learningRate * weightDecay : 0;
    try (Scope scope = new Scope()) {
      // These change with every step, so the scope owns them.
      Scalar decay = new Scalar(1 - decayed);
      Scalar minusStepSize = new Scalar(-stepSize);
      Scalar root = new Scalar(secondRoot);
      long end = range.start() + range.count();
      for (long start = range.start(); start < end; start += BLOCK) {
        long numbers = Math.min(BLOCK, end - start);
        try (Scope block = new Scope()) {
          Tensor p = parameters.narrow(0, start, numbers);
          Tensor g = gradients.narrow(0, start, numbers);
          Tensor m = moment.narrow(0, start, numbers);
          Tensor v = secondMoment.narrow(0, start, numbers);
          p.mul_(decay);
          m.lerp_(g, Scalars.of(1 - beta1));
          v.mul_(Scalars.of(beta2)).addcmul_(g, g, Scalars.of(1 - beta2));
          p.addcdiv_(m, v.sqrt().div_(root).add_(Scalars.of(epsilon)), minusStepSize);
        }
      }
    }
  }

  @Override
  public List<String> slots() {
    return List.of("exp_avg", "exp_avg_sq");
  }

  private Tensor slot(int number) {
    return number == 0 ? moment : secondMoment;
  }

  /** Of this worker alone. */
  @Override
  public void read(int slot, Optional<Tensor> into) {
    into.ifPresent(tensor -> tensor.copy_(slot(slot)));
  }

  @Override
  public void write(int slot, Tensor from) {
    slot(slot).copy_(from);
  }

  @Override
  public void restoreStep(long steps) {
    step = steps;
  }

  @Override
  public void close() {
    moment.close();
    secondMoment.close();
  }
}
