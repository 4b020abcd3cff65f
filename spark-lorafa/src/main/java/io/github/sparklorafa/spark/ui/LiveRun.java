package io.github.sparklorafa.spark.ui;

import io.github.sparklorafa.spark.progress.RunBegan;
import io.github.sparklorafa.spark.progress.RunCheckpoint;
import io.github.sparklorafa.spark.progress.RunEnded;
import io.github.sparklorafa.spark.progress.RunEvaluated;
import io.github.sparklorafa.spark.progress.RunNote;
import io.github.sparklorafa.spark.progress.RunStep;
import io.github.sparklorafa.spark.progress.RunTrains;
import io.github.sparklorafa.spark.progress.RunWorker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A run as its events add up. Belongs to the listener bus's thread. */
final class LiveRun {
  /** Notes that are kept: a run that leaves out many rows or checkpoints says so each time. */
  private static final int MOST_NOTES = 200;

  private final RunBegan began;
  private final List<RunStep> points = new ArrayList<>();
  private final List<RunEvaluated> evaluations = new ArrayList<>();
  private final Map<Integer, RunWorker> workers = new TreeMap<>();
  private final List<Long> checkpoints = new ArrayList<>();
  private final List<RunNote> notes = new ArrayList<>();
  private RunTrains trains;
  private RunStep last;
  private RunEnded ended;

  LiveRun(RunBegan began) {
    this.began = began;
  }

  /** Training begins, perhaps again: then what came after the step that it goes on from is void. */
  void add(RunTrains event) {
    trains = event;
    points.removeIf(point -> point.step() > event.stepsDone());
    evaluations.removeIf(evaluation -> evaluation.step() > event.stepsDone());
  }

  void add(RunStep event) {
    last = event;
    if (event.sampled()) {
      points.add(event);
    }
  }

  void add(RunEvaluated event) {
    evaluations.add(event);
  }

  void add(RunWorker event) {
    workers.put(event.workerRank(), event);
  }

  void add(RunCheckpoint event) {
    checkpoints.add(event.step());
  }

  void add(RunNote event) {
    if (notes.size() < MOST_NOTES) {
      notes.add(event);
    }
  }

  void add(RunEnded event) {
    ended = event;
  }

  RunRecord record() {
    return new RunRecord(
        began.run(),
        began.time(),
        ended == null ? 0 : ended.time(),
        ended == null ? "" : ended.failure(),
        ended == null ? "" : ended.output(),
        ended == null ? 0 : ended.bestStep(),
        began.settings(),
        began.methods(),
        trains == null ? 0 : trains.attempt() + 1,
        trains == null ? 0 : trains.workers(),
        trains == null ? 0 : trains.steps(),
        trains == null ? 0 : trains.trainableParameters(),
        trains == null ? 0 : trains.totalParameters(),
        last,
        points,
        evaluations,
        List.copyOf(workers.values()),
        checkpoints,
        notes);
  }
}
