package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.markup.LineChart.Point;
import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a card tells of a run's steps; of a long run's losses not every one. */
final class RunHistory implements ProgressListener {
  /** More than a picture shows. */
  private static final int MOST_POINTS = 2000;

  private final List<Point> losses = new ArrayList<>();
  private final List<EvaluationReport> evaluations = new ArrayList<>();
  private long every = 1;
  private StepReport last;
  private RunStart start;
  private long tokens;
  private long sentBytes;
  private double seconds;

  @Override
  public synchronized void onStart(RunStart begun) {
    start = begun;
    losses.removeIf(point -> point.x() > begun.stepsDone());
    evaluations.removeIf(report -> report.step() > begun.stepsDone());
  }

  @Override
  public synchronized void onStep(StepReport report) {
    last = report;
    tokens += report.tokens();
    sentBytes += report.bucketBytes();
    seconds += report.seconds();
    long step = report.step();
    if (step == 1 || step % every == 0 || step == report.steps()) {
      losses.add(new Point(step, report.loss()));
    }
    if (losses.size() > MOST_POINTS) {
      every *= 2;
      losses.removeIf(point -> point.x() != 1 && (long) point.x() % every != 0);
    }
  }

  @Override
  public synchronized void onEvaluation(EvaluationReport report) {
    evaluations.add(report);
  }

  synchronized List<Point> losses() {
    return List.copyOf(losses);
  }

  synchronized List<EvaluationReport> evaluations() {
    return List.copyOf(evaluations);
  }

  /** The last step, whose bytes kept are the most of all workers so far. */
  synchronized Optional<StepReport> last() {
    return Optional.ofNullable(last);
  }

  synchronized Optional<RunStart> start() {
    return Optional.ofNullable(start);
  }

  /** Tokens of this run's steps by the second, over all workers. */
  synchronized double tokensPerSecond() {
    return tokens / seconds;
  }

  /** Bytes that each worker gave to the all-reduce in this run. */
  synchronized long sentBytes() {
    return sentBytes;
  }
}
