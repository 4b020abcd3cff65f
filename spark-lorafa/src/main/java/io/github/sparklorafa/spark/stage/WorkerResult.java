package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.spark.progress.Failure;
import io.github.sparklorafa.train.TrainSummary;
import io.github.sparklorafa.train.TrainingException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a worker returns: its summary, or why it gave up where trying again would not help.
 *
 * @param workerRank of the worker
 * @param attempt of the stage
 * @param summary null if it gave up
 * @param manifest of what worker 0 put into the staging folder; empty from the others
 * @param failure null if all went well
 */
record WorkerResult(
    int workerRank, int attempt, TrainSummary summary, String manifest, Failure failure) {
  WorkerResult {
    Objects.requireNonNull(manifest, "manifest");
    if ((summary == null) == (failure == null)) {
      throw new IllegalArgumentException("either a summary or a failure is needed");
    }
  }

  static void throwFirstFailure(List<WorkerResult> results, Optional<Failure> reported) {
    Optional<Failure> first =
        reported.or(
            () ->
                results.stream()
                    .map(WorkerResult::failure)
                    .filter(failure -> failure != null)
                    .findFirst());
    if (first.isPresent()) {
      throw new TrainingException("Cannot train: " + first.get());
    }
  }

  static WorkerResult ofRankZero(List<WorkerResult> results) {
    return results.stream()
        .filter(result -> result.workerRank() == 0)
        .findFirst()
        .orElseThrow(
            () -> new TrainingException("Cannot train: worker 0 returned nothing (start again)"));
  }
}
