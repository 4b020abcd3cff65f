package io.github.sparklorafa.spark.progress;

import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.StepTimes;
import io.github.sparklorafa.train.TrainListener;
import io.github.sparklorafa.train.TrainStart;
import io.github.sparklorafa.train.TrainSummary;
import io.github.sparklorafa.train.WorkerReport;
import java.time.Duration;

/** Sends what happens on one worker. */
final class WorkerReports implements TrainListener {
  /** Between two reports of how the worker is doing, each of which crosses the network. */
  private static final long QUIET_NANOS = Duration.ofSeconds(1).toNanos();

  private final ProgressSender sender;
  private final Place place;
  private WorkerReport own;
  private long reported;
  private int workerRank;
  private long tapeBytes;

  /**
   * Where the worker runs.
   *
   * @param device in words
   */
  record Place(String executor, String host, long pid, String device) {}

  WorkerReports(ProgressSender sender, Place place) {
    this.sender = sender;
    this.place = place;
  }

  @Override
  public void onStart(TrainStart start) {
    workerRank = start.workerRank();
    if (workerRank == 0) {
      sender.start(start);
    }
    RunFigures.OF_WORKER.begin();
    own =
        new WorkerReport(
            workerRank,
            place.executor(),
            place.host(),
            place.pid(),
            place.device(),
            start.stepsDone(),
            0,
            StepTimes.NONE,
            0,
            0,
            0);
    report();
  }

  @Override
  public void onStep(StepReport report) {
    if (workerRank == 0) {
      sender.step(report);
    } else if (report.tapeBytes() > tapeBytes) {
      tapeBytes = report.tapeBytes();
      sender.tape(tapeBytes);
    }
    RunFigures.OF_WORKER.after(report);
    own = own.after(report);
    if (report.step() == report.steps() || System.nanoTime() - reported > QUIET_NANOS) {
      report();
    }
  }

  private void report() {
    reported = System.nanoTime();
    sender.worker(own);
  }

  @Override
  public void onEvaluation(EvaluationReport report) {
    if (workerRank == 0) {
      sender.evaluation(report);
    }
  }

  @Override
  public void onCheckpoint(long step) {
    sender.checkpoint(step);
  }

  @Override
  public void onNote(String note) {
    sender.note(note);
  }

  /** Early stopping ends a run before its last step. */
  @Override
  public void onEnd(TrainSummary summary) {
    report();
  }
}
