package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.train.Checkpointing;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** What the driver can tell of checkpoints before it has tokenised anything. */
final class ResumeChecks {
  private ResumeChecks() {}

  /**
   * Checks that there is what the user wants to go on from, and that the run may write where it is
   * told to: a folder that holds checkpoints already is only for a run that goes on from its newest
   * one. Any other run would delete some of them, and a stage that Spark runs again could take them
   * for its own. Nor may more steps be done than the run has.
   *
   * @param maxSteps that the run has; 0 if its rows decide
   * @throws IllegalArgumentException if not
   */
  static void check(Checkpointing config, int maxSteps, Configuration hadoop) {
    Optional<TrainingCheckpoints> source =
        config.resumePath().map(path -> TrainingCheckpoints.at(path, hadoop));
    List<Long> resumable = source.map(TrainingCheckpoints::steps).orElse(List.of());
    if (source.isPresent() && resumable.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot resume from: %s (there is no checkpoint of training: name a folder step-..., or one that holds some)"
              .formatted(config.resumePath().get()));
    }
    checkSteps(config.resumePath().orElse(""), resumable, maxSteps);
    if (!config.writes()) {
      return;
    }
    TrainingCheckpoints target = TrainingCheckpoints.in(config.checkpointDir(), hadoop);
    List<Long> there = target.steps();
    boolean goesOn =
        source
            .map(from -> from.sharesFolderWith(target) && resumable.get(0).equals(there.get(0)))
            .orElse(config.resumes());
    if (!there.isEmpty() && !goesOn) {
      throw new IllegalArgumentException(
          "Cannot write checkpoints: %s holds %s already (resume from it, delete it, or name another checkpoint dir)"
              .formatted(config.checkpointDir(), TrainingCheckpoints.name(there.get(0))));
    }
    if (source.isEmpty()) {
      checkSteps(config.checkpointDir(), there, maxSteps);
    }
  }

  /** Of the newest, which is the one to go on from. */
  private static void checkSteps(String location, List<Long> steps, int maxSteps) {
    if (maxSteps > 0 && !steps.isEmpty() && steps.get(0) > maxSteps) {
      throw new IllegalArgumentException(
          "Cannot resume from: %s (%d steps are done, and this run has %d: let it have more, name an older checkpoint, or use another checkpoint dir)"
              .formatted(location, steps.get(0), maxSteps));
    }
  }
}
