package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.Communicator;
import java.util.Optional;

/** The optimizer that a run asks for: AdamW, or one that another jar brings. */
final class Optimizers {
  private Optimizers() {}

  static Optimizer of(TrainConfig config, Trainables trainables, Communicator communicator) {
    return kind(config)
        .<Optimizer>map(kind -> new SlicedOptimizer(kind, trainables, communicator))
        .orElseGet(() -> new AdamW(config, trainables.flat(), trainables.ranges()));
  }

  /**
   * What another jar brings; empty for AdamW.
   *
   * @throws IllegalArgumentException if there is no such optimizer, its jar is missing, or it
   *     doesn't fit the other settings
   */
  static Optional<SliceOptimizer.Kind> kind(TrainConfig config) {
    String name = config.extras().optimizer();
    if (name.equals(Extras.ADAMW)) {
      if (!config.extras().optimizerOptions().isEmpty()) {
        throw new IllegalArgumentException(
            "Cannot use optimizer options: %s with optimizer adamw (it has flags of its own: beta1, beta2, epsilon, weight decay)"
                .formatted(config.extras().optionsText()));
      }
      return Optional.empty();
    }
    int colon = name.indexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException(
          "Cannot use optimizer: %s (use adamw, or bigdl: and one of BigDL's, as in bigdl:Adam)"
              .formatted(name));
    }
    SliceOptimizer.Provider provider =
        SliceOptimizer.Provider.find(name.substring(0, colon))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Cannot use optimizer: %s, which another jar brings (give spark-submit --jars spark-lorafa-bigdl.jar; docs/bigdl.md says how to build it)"
                            .formatted(name)));
    if (config.synchronisation().syncEvery() > 1) {
      throw new IllegalArgumentException(
          "Cannot use sync every: %d with optimizer %s (its work is divided among the workers, who step together: use 1, or optimizer adamw)"
              .formatted(config.synchronisation().syncEvery(), name));
    }
    return Optional.of(provider.kind(name.substring(colon + 1), config));
  }
}
