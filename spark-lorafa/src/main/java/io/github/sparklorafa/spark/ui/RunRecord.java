package io.github.sparklorafa.spark.ui;

import io.github.sparklorafa.spark.progress.MethodCost;
import io.github.sparklorafa.spark.progress.RunEvaluated;
import io.github.sparklorafa.spark.progress.RunNote;
import io.github.sparklorafa.spark.progress.RunStep;
import io.github.sparklorafa.spark.progress.RunWorker;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.util.kvstore.KVIndex;

/**
 * What is known of a run, as the UI's store keeps it.
 *
 * @param id tells runs of an application apart
 * @param began in milliseconds since 1970
 * @param ended the same; 0 while it runs
 * @param failure why it failed; empty if it did not
 * @param output folder of what was trained; empty while it runs
 * @param bestStep whose values are the result, or 0
 * @param settings by the names of {@code train}'s flags
 * @param methods what the run needs, first, and other ways to train
 * @param attempts how often training has begun
 * @param workers that train together; 0 before they do
 * @param steps that the run has; 0 before that is known
 * @param trainableParameters numbers that are trained
 * @param totalParameters numbers of the model and its adapter
 * @param last step that is known; null before the first
 * @param points of the curves
 * @param evaluations in their order
 * @param workerStates the last of each worker, by rank
 * @param checkpoints steps of those that are written
 * @param notes in their order
 */
public record RunRecord(
    String id,
    long began,
    long ended,
    String failure,
    String output,
    long bestStep,
    Map<String, String> settings,
    List<MethodCost> methods,
    int attempts,
    int workers,
    long steps,
    long trainableParameters,
    long totalParameters,
    RunStep last,
    List<RunStep> points,
    List<RunEvaluated> evaluations,
    List<RunWorker> workerStates,
    List<Long> checkpoints,
    List<RunNote> notes) {
  /** Copies all lists. */
  public RunRecord {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    methods = List.copyOf(methods);
    points = List.copyOf(points);
    evaluations = List.copyOf(evaluations);
    workerStates = List.copyOf(workerStates);
    checkpoints = List.copyOf(checkpoints);
    notes = List.copyOf(notes);
  }

  /** The store's key. */
  @KVIndex
  @Override
  public String id() {
    return id;
  }

  /** In one word. */
  State state() {
    if (ended == 0) {
      return steps == 0 ? State.PREPARING : State.TRAINING;
    }
    return failure.isEmpty() ? State.DONE : State.FAILED;
  }

  /** What becomes of a run, one after the other. */
  enum State {
    PREPARING("preparing", "badge-secondary"),
    TRAINING("training", "badge-primary"),
    DONE("done", "badge-success"),
    FAILED("failed", "badge-danger");

    private final String text;
    private final String badge;

    State(String text, String badge) {
      this.text = text;
      this.badge = badge;
    }

    String text() {
      return text;
    }

    /** The class that Spark's style sheet has for it. */
    String badge() {
      return badge;
    }
  }
}
