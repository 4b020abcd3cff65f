package io.github.sparklorafa.train;

import io.github.sparklorafa.data.BatchOrder;
import java.util.Optional;

/** The learning rate of each step: by the run's schedule, or by one that its optimizer brings. */
final class LearningRates {
  private final TrainConfig config;
  private final BatchOrder order;
  private final Optional<SliceOptimizer.Rates> own;

  LearningRates(TrainConfig config, BatchOrder order) {
    this.config = config;
    this.order = order;
    this.own = Optimizers.kind(config).flatMap(SliceOptimizer.Kind::rates);
  }

  /** Of a step, from 0. */
  double at(long step) {
    return own.map(rates -> rates.at(step, (int) Math.ceil(order.epochAfter(step))))
        .orElseGet(
            () ->
                config.learningRate()
                    * config.schedule().factor(step, config.warmupSteps(), order.steps()));
  }
}
