package io.github.sparklorafa.bigdl;

import com.intel.analytics.bigdl.optim.OptimMethod;
import io.github.sparklorafa.train.SliceOptimizer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** One of BigDL's optimizers with its settings. */
final class BigDlKind implements SliceOptimizer.Kind {
  /** What BigDL computes anew in each step, though it keeps it. */
  static final Set<String> SCRATCH = Set.of("delta", "denom", "paramStd", "rms");

  private final Function<Double, OptimMethod<Object>> methods;
  private final double weightDecay;
  private final boolean usesNorms;
  private final Optional<SliceOptimizer.Rates> rates;
  private final List<String> names;

  /**
   * @param methods makes an optimizer with that weight decay
   */
  BigDlKind(
      Function<Double, OptimMethod<Object>> methods,
      double weightDecay,
      boolean usesNorms,
      Optional<SliceOptimizer.Rates> rates) {
    this.methods = methods;
    this.weightDecay = weightDecay;
    this.usesNorms = usesNorms;
    this.rates = rates;
    // What one remembers is known after a first step.
    BigDlSlice probe = new BigDlSlice(methods.apply(0.0), 1, List.of());
    probe.step(new float[] {1}, new float[] {1}, 0, Optional.empty());
    this.names = probe.remembered();
  }

  @Override
  public List<String> slots() {
    return names.stream().filter(name -> !SCRATCH.contains(name)).toList();
  }

  @Override
  public boolean usesNorms() {
    return usesNorms;
  }

  @Override
  public SliceOptimizer open(int count, boolean decays) {
    return new BigDlSlice(methods.apply(decays ? weightDecay : 0), count, names);
  }

  @Override
  public Optional<SliceOptimizer.Rates> rates() {
    return rates;
  }
}
