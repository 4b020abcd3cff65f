package io.github.sparklorafa.train;

/**
 * How one worker is doing since training began, or began again after an executor was lost.
 *
 * @param workerRank of the worker
 * @param executor that it runs in
 * @param host of that executor
 * @param pid of its process
 * @param device that it calculates on
 * @param step the last one that is done
 * @param seconds of all steps, waiting for rows not counted
 * @param times that of the worker's thread in them
 * @param syncWaitSeconds for which the worker's thread waited for the all-reduce
 * @param tapeBytes the most that its tape held at once
 * @param sentBytes that it gave to the all-reduce
 */
public record WorkerReport(
    int workerRank,
    String executor,
    String host,
    long pid,
    String device,
    long step,
    double seconds,
    StepTimes times,
    double syncWaitSeconds,
    long tapeBytes,
    long sentBytes) {
  /** The same after one more step. */
  public WorkerReport after(StepReport report) {
    return new WorkerReport(
        workerRank,
        executor,
        host,
        pid,
        device,
        report.step(),
        seconds + report.seconds(),
        times.plus(report.times()),
        syncWaitSeconds + report.syncWaitSeconds(),
        Math.max(tapeBytes, report.tapeBytes()),
        sentBytes + report.bucketBytes());
  }
}
