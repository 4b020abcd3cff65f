package io.github.sparklorafa.spark.progress;

import io.github.sparklorafa.train.StepReport;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The figures of the last step that this process knows of, for metrics: on an executor its own
 * worker's, in the driver those of the run. Any thread may read them.
 */
public final class RunFigures {
  /** Of the worker in this process; in local mode of the last one that reported. */
  public static final RunFigures OF_WORKER = new RunFigures();

  /** Of the run that this process drives. */
  public static final RunFigures OF_RUN = new RunFigures();

  private final AtomicLong sentBytes = new AtomicLong();
  private final AtomicLong steps = new AtomicLong();
  private volatile StepReport last;

  RunFigures() {}

  void begin() {
    last = null;
  }

  void after(StepReport report) {
    sentBytes.addAndGet(report.bucketBytes());
    steps.incrementAndGet();
    last = report;
  }

  /** Steps done, over all runs of the process. */
  public long steps() {
    return steps.get();
  }

  /** Bytes given to the all-reduce, over all runs of the process. */
  public long sentBytes() {
    return sentBytes.get();
  }

  /** Mean over the loss terms of all workers, of the last step; NaN before it. */
  public double loss() {
    StepReport report = last;
    return report == null ? Double.NaN : report.loss();
  }

  /** Tokens of all workers by the second, in the last step; 0 before it. */
  public double tokensPerSecond() {
    StepReport report = last;
    return report == null ? 0 : report.tokensPerSecond();
  }

  /** Seconds of the last step; 0 before it. */
  public double stepSeconds() {
    StepReport report = last;
    return report == null ? 0 : report.seconds();
  }

  /** Seconds for which training waited for the all-reduce in the last step; 0 before it. */
  public double syncWaitSeconds() {
    StepReport report = last;
    return report == null ? 0 : report.syncWaitSeconds();
  }

  /** The most bytes that were kept for the backward pass at once, in the last step; 0 before it. */
  public long keptBytes() {
    StepReport report = last;
    return report == null ? 0 : report.tapeBytes();
  }
}
