package io.github.sparklorafa.spark.progress;

import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * How a worker is doing since the last {@link RunTrains}. The event log has the last one.
 *
 * @param run tells runs of an application apart
 * @param time in milliseconds since 1970
 * @param logged whether it goes into the event log
 * @param workerRank of the worker
 * @param executor that it runs in
 * @param host of that executor
 * @param device that it calculates on
 * @param step the last one that is done
 * @param seconds of all steps, waiting for rows not counted
 * @param dataSeconds waited for rows
 * @param forwardSeconds of the model's forward passes
 * @param backwardSeconds of its backward passes
 * @param syncSeconds for which training waited for the all-reduce
 * @param tapeBytes the most that it kept for the backward pass
 * @param sentBytes that it gave to the all-reduce
 */
public record RunWorker(
    String run,
    long time,
    boolean logged,
    int workerRank,
    String executor,
    String host,
    String device,
    long step,
    double seconds,
    double dataSeconds,
    double forwardSeconds,
    double backwardSeconds,
    double syncSeconds,
    long tapeBytes,
    long sentBytes)
    implements SparkListenerEvent {
  /** Event logs from elsewhere may leave texts out. */
  public RunWorker {
    run = Texts.of(run);
    executor = Texts.of(executor);
    host = Texts.of(host);
    device = Texts.of(device);
  }

  @Override
  public boolean logEvent() {
    return logged;
  }
}
