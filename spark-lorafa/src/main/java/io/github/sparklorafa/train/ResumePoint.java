package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.DamagedCheckpointException;
import io.github.sparklorafa.checkpoint.StoredState;
import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.collective.Communicator;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Which checkpoint a run goes on from. Worker 0 chooses and tells the others: what they would see
 * themselves may change while they look.
 */
final class ResumePoint {
  /** A step goes through an fp32 sum in three numbers of 20 bits each. */
  private static final int DIGIT = 1 << 20;

  private final List<TrainingCheckpoints> sources;
  private final Path local;
  private final Consumer<String> notes;
  private int source;
  private StoredState state;

  private ResumePoint(List<TrainingCheckpoints> sources, Path local, Consumer<String> notes) {
    this.sources = sources;
    this.local = local;
    this.notes = notes;
  }

  /**
   * The newest whole checkpoint of the first of {@code sources} that has one, the same on all
   * workers; the caller closes it. Blocks until all workers have come here.
   *
   * @param local folder for its copy
   * @param notes told of checkpoints that are not whole
   * @throws TrainingException if another worker can't read what worker 0 read
   */
  static Optional<StoredState> agreed(
      List<TrainingCheckpoints> sources,
      Path local,
      Communicator communicator,
      Consumer<String> notes) {
    if (sources.isEmpty()) {
      return Optional.empty();
    }
    ResumePoint point = new ResumePoint(sources, local, notes);
    if (communicator.rank() == 0) {
      point.choose();
    }
    point.share(communicator);
    if (point.state == null) {
      return Optional.empty();
    }
    new Agreement().on("the checkpoint", point.state.manifest()).check(communicator);
    return Optional.of(point.state);
  }

  /** Checkpoints of which none is whole end the run: starting at step 0 would delete them. */
  private void choose() {
    String damaged = null;
    for (source = 0; source < sources.size(); source++) {
      for (long step : sources.get(source).steps()) {
        try {
          state = sources.get(source).fetch(step, local);
          return;
        } catch (DamagedCheckpointException e) {
          damaged = e.getMessage();
          notes.accept(damaged);
        }
      }
    }
    if (damaged != null) {
      throw new TrainingException(
          "Cannot resume from any checkpoint: all are damaged; %s (name another checkpoint folder to start anew)"
              .formatted(damaged));
    }
  }

  /** Sends {@code source + 1} and the step; 0 means that there is nothing to go on from. */
  private void share(Communicator communicator) {
    float[] numbers = new float[4];
    if (state != null) {
      numbers[0] = source + 1;
      numbers[1] = state.step() % DIGIT;
      numbers[2] = state.step() / DIGIT % DIGIT;
      numbers[3] = state.step() / DIGIT / DIGIT;
    }
    float[] told = Agreement.sum(numbers, communicator);
    if (told[0] > 0 && state == null) {
      long step = (long) told[1] + DIGIT * ((long) told[2] + DIGIT * (long) told[3]);
      TrainingCheckpoints checkpoints = sources.get((int) told[0] - 1);
      try {
        state = checkpoints.fetch(step, local);
      } catch (DamagedCheckpointException e) {
        throw new TrainingException(
            e.getMessage() + "; worker 0 could read it (name a folder that all executors share)");
      }
    }
  }
}
