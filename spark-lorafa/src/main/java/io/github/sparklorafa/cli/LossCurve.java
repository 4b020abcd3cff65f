package io.github.sparklorafa.cli;

import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Remembers the loss of each step, and what the steps kept and sent. */
public final class LossCurve implements ProgressListener {
  private static final int SHOWN = 8;

  private final List<StepReport> steps = new ArrayList<>();

  @Override
  public synchronized void onStart(RunStart start) {
    steps.removeIf(report -> report.step() > start.stepsDone());
  }

  @Override
  public synchronized void onStep(StepReport report) {
    steps.add(report);
  }

  /** All steps so far. */
  public synchronized List<StepReport> steps() {
    return List.copyOf(steps);
  }

  /** The first, the last and some losses between them, as {@code step 1: 3.21}. */
  public synchronized String text() {
    List<StepReport> shown = new ArrayList<>();
    for (int i = 0; i < SHOWN && !steps.isEmpty(); i++) {
      StepReport report = steps.get((int) ((long) i * (steps.size() - 1) / (SHOWN - 1)));
      if (!shown.contains(report)) {
        shown.add(report);
      }
    }
    return shown.stream()
        .map(report -> String.format(Locale.ROOT, "step %d: %.3f", report.step(), report.loss()))
        .collect(Collectors.joining("   "));
  }
}
