package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.spark.stage.TrainingResult;
import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import java.util.ArrayList;
import java.util.List;

/** Keeps what workers report of a run. */
final class TrainingHistory implements ProgressListener {
  private final List<StepReport> steps = new ArrayList<>();
  private final List<EvaluationReport> evaluations = new ArrayList<>();

  @Override
  public synchronized void onStart(RunStart start) {
    steps.removeIf(step -> step.step() > start.stepsDone());
    evaluations.removeIf(evaluation -> evaluation.step() > start.stepsDone());
  }

  @Override
  public synchronized void onStep(StepReport report) {
    steps.add(report);
  }

  @Override
  public synchronized void onEvaluation(EvaluationReport report) {
    evaluations.add(report);
  }

  synchronized LoraFaTrainingSummary summary(TrainingResult result) {
    return new LoraFaTrainingSummary(
        new LoraFaTrainingSummary.Record(
            result.rows(), result.attempts(), result.summary(), steps, evaluations));
  }
}
