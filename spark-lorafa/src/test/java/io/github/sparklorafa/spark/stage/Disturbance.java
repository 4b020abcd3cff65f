package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;

/** Does something to a run of two workers at its twentieth step, once. */
final class Disturbance extends TrainingStage implements ProgressListener {
  private static final int STEP = 20;

  private final Consumer<TrainingStage> what;
  private final List<String> notes = new ArrayList<>();
  private boolean done;
  private long began;
  private double seconds;

  private Disturbance(Consumer<TrainingStage> what) {
    this.what = what;
  }

  /** Hears the application; the caller hands it to the run too. */
  static Disturbance of(SparkContext context, Consumer<TrainingStage> what) {
    Disturbance disturbance = new Disturbance(what);
    context.addSparkListener(disturbance);
    return disturbance;
  }

  @Override
  void onAttempt(int attempt) {
    // The steps tell the moment.
  }

  @Override
  public synchronized void onStart(RunStart start) {
    if (done) {
      seconds = (System.nanoTime() - began) / 1e9;
    }
  }

  @Override
  public synchronized void onStep(StepReport report) {
    if (!done && report.step() == STEP) {
      done = true;
      began = System.nanoTime();
      what.accept(this);
    }
  }

  @Override
  public synchronized void onNote(String note) {
    notes.add(note);
  }

  synchronized List<String> notes() {
    return List.copyOf(notes);
  }

  /** From the disturbance to the first step of the next attempt. */
  synchronized double secondsUntilAgain() {
    return seconds;
  }
}
