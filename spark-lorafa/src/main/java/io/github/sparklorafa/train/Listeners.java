package io.github.sparklorafa.train;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** Tells several listeners, those that {@link ServiceLoader} finds too, one after the other. */
final class Listeners implements TrainListener {
  private final List<TrainListener> all;

  Listeners(List<TrainListener> given) {
    all = new ArrayList<>(given);
    ServiceLoader.load(TrainListener.class).forEach(all::add);
  }

  @Override
  public void onStart(TrainStart start) {
    all.forEach(listener -> listener.onStart(start));
  }

  @Override
  public void onStep(StepReport report) {
    all.forEach(listener -> listener.onStep(report));
  }

  @Override
  public void onEvaluation(EvaluationReport report) {
    all.forEach(listener -> listener.onEvaluation(report));
  }

  @Override
  public void onCheckpoint(long step) {
    all.forEach(listener -> listener.onCheckpoint(step));
  }

  @Override
  public void onNote(String note) {
    all.forEach(listener -> listener.onNote(note));
  }

  @Override
  public void onFailure(Throwable cause) {
    all.forEach(listener -> listener.onFailure(cause));
  }

  @Override
  public void onEnd(TrainSummary summary) {
    all.forEach(listener -> listener.onEnd(summary));
  }
}
