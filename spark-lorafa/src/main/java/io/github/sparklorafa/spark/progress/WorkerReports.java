package io.github.sparklorafa.spark.progress;

import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.TrainListener;
import io.github.sparklorafa.train.TrainStart;

/** Sends what happens on one worker. */
final class WorkerReports implements TrainListener {
  private final ProgressSender sender;
  private int workerRank;
  private long tapeBytes;

  WorkerReports(ProgressSender sender) {
    this.sender = sender;
  }

  @Override
  public void onStart(TrainStart start) {
    workerRank = start.workerRank();
    if (workerRank == 0) {
      sender.start(start);
    }
  }

  @Override
  public void onStep(StepReport report) {
    if (workerRank == 0) {
      sender.step(report);
    } else if (report.tapeBytes() > tapeBytes) {
      tapeBytes = report.tapeBytes();
      sender.tape(tapeBytes);
    }
  }

  @Override
  public void onEvaluation(EvaluationReport report) {
    if (workerRank == 0) {
      sender.evaluation(report);
    }
  }

  @Override
  public void onNote(String note) {
    sender.note(note);
  }
}
