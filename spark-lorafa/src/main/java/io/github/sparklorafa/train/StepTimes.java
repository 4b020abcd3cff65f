package io.github.sparklorafa.train;

/**
 * Where one worker's time in a step went, in seconds. What is left of the step is the optimizer,
 * the checks and the wait for the all-reduce, which {@link StepReport} counts.
 *
 * @param data waited for the step's rows, before the step began
 * @param forward through the model, the output head's loss and its gradient included, which are
 *     computed together
 * @param backward through the model, what is recomputed included
 */
public record StepTimes(double data, double forward, double backward) {
  /** Where nothing was measured. */
  public static final StepTimes NONE = new StepTimes(0, 0, 0);

  /** Both together. */
  public StepTimes plus(StepTimes other) {
    return new StepTimes(data + other.data, forward + other.forward, backward + other.backward);
  }
}
