package io.github.sparklorafa.spark.progress;

import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * A step is done. The event log has the first, the last and at most some hundreds between them.
 *
 * @param run tells runs of an application apart
 * @param time in milliseconds since 1970
 * @param sampled whether it goes into the event log
 * @param step counts from 1
 * @param epoch passes over the data so far
 * @param loss mean over the loss terms of all workers
 * @param learningRate of this step
 * @param gradNorm norm of the raw gradient
 * @param tokensPerSecond of all workers
 * @param seconds that it took worker 0
 * @param bucketBytes that each worker gave to the all-reduce
 * @param tapeBytes the most that a worker kept for the backward pass so far
 * @param tokens of all steps of this run up to here
 * @param sentBytes that each worker gave to the all-reduce in all steps up to here
 */
public record RunStep(
    String run,
    long time,
    boolean sampled,
    long step,
    double epoch,
    double loss,
    double learningRate,
    double gradNorm,
    double tokensPerSecond,
    double seconds,
    long bucketBytes,
    long tapeBytes,
    long tokens,
    long sentBytes)
    implements SparkListenerEvent {
  /** Event logs from elsewhere may leave texts out. */
  public RunStep {
    run = Texts.of(run);
  }

  @Override
  public boolean logEvent() {
    return sampled;
  }
}
