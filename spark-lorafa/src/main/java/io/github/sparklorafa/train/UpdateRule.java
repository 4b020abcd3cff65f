package io.github.sparklorafa.train;

import io.github.sparklorafa.nn.Parameter;

/**
 * How the optimizer treats a parameter.
 *
 * @param rate its learning rate, as a multiple of the run's
 * @param decays whether weight decay applies to it
 */
record UpdateRule(double rate, boolean decays) {
  /**
   * The rule of one parameter. Weight decay spares vectors, which are biases and norms, as Hugging
   * Face's Trainer does.
   */
  static UpdateRule of(TrainConfig config, Parameter parameter, Part part) {
    boolean ownRate = part == Part.MODULE_TO_SAVE && config.headLearningRate() > 0;
    return new UpdateRule(
        ownRate ? config.headLearningRate() / config.learningRate() : 1,
        parameter.value().dim() > 1);
  }

  /** What a parameter belongs to. */
  enum Part {
    ADAPTER,
    MODULE_TO_SAVE,
    WHOLE_MODEL
  }

  /** A range of the flat buffers to which one rule applies. */
  record Range(UpdateRule rule, long start, long count) {}
}
