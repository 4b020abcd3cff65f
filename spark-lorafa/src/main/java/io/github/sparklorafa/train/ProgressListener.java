package io.github.sparklorafa.train;

/**
 * Hears in the driver how training goes on.
 *
 * <p>Called by one thread at a time, in the order of events; a slow listener delays the others but
 * not training. What it throws is logged and ends neither.
 */
public interface ProgressListener {
  /**
   * Training begins, or begins again after an executor was lost: reports of steps after {@link
   * RunStart#stepsDone} are void then.
   */
  default void onStart(RunStart start) {}

  /** Something worth reading happened that is no failure, such as rows that were skipped. */
  default void onNote(String note) {}

  /** An optimizer step is done. */
  default void onStep(StepReport report) {}

  /** An evaluation is done. */
  default void onEvaluation(EvaluationReport report) {}

  /** A checkpoint of training is written: the values after that step. */
  default void onCheckpoint(long step) {}

  /** How a worker is doing: when it begins, now and then, and after its last step. */
  default void onWorker(WorkerReport report) {}

  /** Training is over, well or not; called once. */
  default void onEnd() {}
}
