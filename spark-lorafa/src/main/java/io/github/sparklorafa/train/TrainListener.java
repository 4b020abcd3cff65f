package io.github.sparklorafa.train;

/**
 * Told what happens on one worker, on the training thread: what takes long here slows the step. An
 * exception ends the run. Found by {@link java.util.ServiceLoader} too.
 */
public interface TrainListener {
  /** Before the first step. */
  default void onStart(TrainStart start) {}

  /** After each step. */
  default void onStep(StepReport report) {}

  /** After each evaluation. */
  default void onEvaluation(EvaluationReport report) {}

  /** On worker 0, when a checkpoint of training is known to be written. */
  default void onCheckpoint(long step) {}

  /** Something worth reading happened that is no failure. */
  default void onNote(String note) {}

  /**
   * This worker gives up a step that the others wait for in the all-reduce: before they learn it.
   */
  default void onFailure(Throwable cause) {}

  /** After the last step, when the result is written. */
  default void onEnd(TrainSummary summary) {}
}
