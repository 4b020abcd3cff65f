package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.train.Checkpointing;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** What the driver can tell of checkpoints before it has tokenised anything. */
final class ResumeChecks {
  private ResumeChecks() {}

  /**
   * Checks that there is what the user wants to go on from, and that no checkpoint of another run
   * would stand before those of this one.
   *
   * @throws IllegalArgumentException if not
   */
  static void check(Checkpointing config, Configuration hadoop) {
    List<Long> resumable = config.resumePath().map(path -> steps(path, hadoop)).orElse(List.of());
    if (config.resumePath().isPresent() && resumable.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot resume from: %s (there is no checkpoint of training: name a folder step-..., or one that holds some)"
              .formatted(config.resumePath().get()));
    }
    if (!config.writes() || (config.resumes() && resumable.isEmpty())) {
      return;
    }
    long begins = resumable.isEmpty() ? 0 : resumable.get(0);
    List<Long> there = steps(config.checkpointDir(), hadoop);
    if (!there.isEmpty() && there.get(0) > begins) {
      throw new IllegalArgumentException(
          "Cannot write checkpoints: %s holds %s already (resume from it, delete it, or name another checkpoint dir)"
              .formatted(config.checkpointDir(), TrainingCheckpoints.name(there.get(0))));
    }
  }

  private static List<Long> steps(String location, Configuration hadoop) {
    return TrainingCheckpoints.at(location, hadoop).steps();
  }
}
