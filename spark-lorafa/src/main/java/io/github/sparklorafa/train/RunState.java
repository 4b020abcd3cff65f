package io.github.sparklorafa.train;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.sparklorafa.checkpoint.StoredState;
import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Everything that a run has between two steps and that does not follow from its configuration: the
 * trained values, the optimizer's moments, the totals and the best step. The position in the data,
 * in the schedule and in each random choice is the number of steps done, since all of them are
 * functions of it.
 *
 * <p>Reads itself from a checkpoint before the first step, and worker 0 writes checkpoints.
 */
final class RunState implements AutoCloseable {
  private static final int FORMAT_VERSION = 1;
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
          .build();

  private final TrainInputs inputs;
  private final Communicator communicator;
  private final TrainedModel trained;
  private final StateTensors tensors;
  private final Map<String, String> fingerprint;
  private final Consumer<String> notes;
  private final Path scratch;
  private final BestStep best;
  private final Optional<CheckpointWriter> writer;
  private Totals totals = Totals.NONE;

  /** The JSON beside the tensors. */
  record Header(
      int formatVersion,
      long step,
      Map<String, String> fingerprint,
      Totals totals,
      BestStep.Standing best) {
    Header {
      Objects.requireNonNull(fingerprint, "fingerprint");
      Objects.requireNonNull(totals, "totals");
      Objects.requireNonNull(best, "best");
      if (totals.steps() != step
          || totals.skipped() < 0
          || totals.updates() < 0
          || best.metric() == null
          || best.step() < 0
          || best.step() > step) {
        throw new IllegalArgumentException("its steps do not agree with each other");
      }
    }
  }

  RunState(
      TrainInputs inputs,
      Communicator communicator,
      ModelConfig shape,
      TrainedModel trained,
      Optimizer optimizer,
      TrainListener listener) {
    this.inputs = inputs;
    this.communicator = communicator;
    this.trained = trained;
    this.tensors = new StateTensors(trained.trainables(), optimizer);
    this.notes = listener::onNote;
    Path output = inputs.outputFolder().toAbsolutePath();
    String name = "." + output.getFileName() + ".state-" + communicator.rank();
    this.scratch = output.resolveSibling(name);
    this.best =
        new BestStep(
            inputs.config().stopping(), scratch.resolve("best.safetensors"), communicator.rank());
    this.fingerprint = RunFingerprint.of(inputs, shape, trained);
    int keep = inputs.config().checkpointing().keepCheckpoints();
    this.writer =
        inputs
            .checkpoints()
            .filter(checkpoints -> communicator.rank() == 0)
            .map(checkpoints -> new CheckpointWriter(checkpoints, keep, tensors, notes))
            .map(files -> files.telling(listener::onCheckpoint));
  }

  /**
   * Goes on from a checkpoint, where there is one, and returns the number of steps done. Blocks
   * until all workers have come here.
   *
   * @param steps that the run has
   * @throws TrainingException if the checkpoint belongs to another run, with each difference, or
   *     has more steps behind it than the run has
   */
  long resume(long steps) {
    Optional<StoredState> found =
        ResumePoint.agreed(inputs.resumeFrom(), scratch, communicator, notes);
    try (StoredState stored = found.orElse(null)) {
      if (stored != null) {
        restore(stored, steps);
      }
    }
    if (communicator.rank() == 0) {
      inputs.checkpoints().ifPresent(checkpoints -> checkpoints.deleteAfter(totals.steps()));
    }
    return totals.steps();
  }

  private void restore(StoredState stored, long steps) {
    Header header = header(stored.header(), stored.location());
    List<String> differences =
        RunFingerprint.differences(header.fingerprint(), fingerprint).found();
    if (differences.isEmpty()) {
      Problems problems = new Problems();
      tensors.check(stored.tensors(), problems);
      differences = problems.found();
    }
    if (!differences.isEmpty()) {
      throw new TrainingException(
          "Cannot resume from: %s (it is another run's: use that run's settings and files, or another checkpoint dir): %s"
              .formatted(stored.location(), String.join("; ", differences)));
    }
    if (header.step() > steps) {
      throw new TrainingException(
          "Cannot resume from: %s (%d steps are done, and this run has %d: let it have more, name an older checkpoint, or use another checkpoint dir)"
              .formatted(stored.location(), header.step(), steps));
    }
    tensors.restore(stored.tensors(), header.totals().updates());
    best.restore(header.best(), stored.best());
    totals = header.totals();
    if (communicator.rank() == 0) {
      notes.accept("Going on after step %d from %s".formatted(totals.steps(), stored.location()));
      RunFingerprint.note(header.fingerprint(), fingerprint).ifPresent(notes);
    }
  }

  static Header header(String json, String location) {
    try {
      int version = JSON.readTree(json).path("format_version").asInt();
      if (version != FORMAT_VERSION) {
        throw new TrainingException(
            "Cannot resume from: %s has format version %d, not %d (use the version of spark-lorafa that wrote it)"
                .formatted(location, version, FORMAT_VERSION));
      }
      return JSON.readValue(json, Header.class);
    } catch (JsonProcessingException e) {
      throw new TrainingException(
          "Cannot resume from: %s (delete it): %s".formatted(location, e.getOriginalMessage()));
    }
  }

  void afterStep(double loss, long stepTokens) {
    totals = totals.afterStep(loss, stepTokens);
    best.afterStep(loss);
  }

  /** After a step that was left out. */
  void afterSkip(long stepTokens) {
    totals = totals.afterSkip(stepTokens);
  }

  /** Blocks until a checkpoint that holds the best step before is written. */
  void afterEvaluation(Evaluated evaluated) throws InterruptedException {
    if (inputs.config().stopping().keepsBest()) {
      awaitCheckpoint();
    }
    totals = totals.afterEvaluation(evaluated.loss());
    best.afterEvaluation(totals.steps(), evaluated, trained.trainables());
  }

  /**
   * Begins to write a checkpoint, on worker 0, if it is time for one. Blocks while an earlier one
   * is under way.
   */
  void saveIfDue() throws InterruptedException {
    boolean due = inputs.config().checkpointing().isDue(totals.steps());
    if (writer.isEmpty()) {
      if (due && inputs.checkpoints().isPresent()) {
        tensors.copy(Optional.empty());
      }
    } else if (due) {
      Header header =
          new Header(FORMAT_VERSION, totals.steps(), fingerprint, totals, best.standing());
      writer.get().write(totals.steps(), () -> text(header), best.values());
    } else {
      writer.get().poll();
    }
  }

  static String text(Header header) {
    try {
      return JSON.writeValueAsString(header);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write as JSON: " + header + " (report this)", e);
    }
  }

  private void awaitCheckpoint() throws InterruptedException {
    if (writer.isPresent()) {
      writer.get().await();
    }
  }

  /** Whether early stopping ends the run now. */
  boolean stops() {
    return best.stops();
  }

  /**
   * Makes the best step's values the trained ones, where the best step counts. Blocks until the
   * last checkpoint is written.
   */
  void useBest() throws InterruptedException {
    awaitCheckpoint();
    best.use(trained.trainables(), totals.steps());
  }

  Totals totals() {
    return totals;
  }

  BestStep.Standing best() {
    return best.standing();
  }

  /** Waits for a checkpoint under way, and deletes what lies on the local disk. */
  @Override
  public void close() {
    writer.ifPresent(CheckpointWriter::close);
    try (Stream<Path> tree = Files.exists(scratch) ? Files.walk(scratch) : Stream.empty()) {
      for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      notes.accept("Could not delete " + scratch + ": " + e.getMessage());
    }
  }
}
