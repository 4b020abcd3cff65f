package io.github.sparklorafa.train;

/**
 * One optimizer step, as its worker saw it.
 *
 * @param step counts from 1
 * @param steps of the whole run
 * @param epoch passes over the data so far, with fractions
 * @param loss mean over the loss terms of all workers, before the update
 * @param learningRate of this step
 * @param gradNorm norm of the raw gradient of that mean, over all trainables; of this worker's own
 *     mean where it takes the step by itself
 * @param tokens of all workers
 * @param bucketBytes that each worker gave to the all-reduce, as they travel
 * @param tapeBytes the most that this worker's tape held at once
 * @param seconds that the step took on this worker
 * @param syncSeconds of them that the all-reduce took, waiting for slower workers included
 * @param syncWaitSeconds of those that the training thread waited for it; the others were hidden
 *     behind the backward pass
 * @param times where the rest went
 */
public record StepReport(
    long step,
    long steps,
    double epoch,
    double loss,
    double learningRate,
    double gradNorm,
    long tokens,
    long bucketBytes,
    long tapeBytes,
    double seconds,
    double syncSeconds,
    double syncWaitSeconds,
    StepTimes times) {
  /** Reports that were stored without times have none. */
  public StepReport {
    times = times == null ? StepTimes.NONE : times;
  }

  /** Tokens of all workers by the second. */
  public double tokensPerSecond() {
    return tokens / seconds;
  }

  /** The same with the loss of all workers. */
  StepReport withLoss(double ofAll) {
    return with(
        ofAll, bucketBytes, tapeBytes, new GradientSum.Time(syncSeconds, syncWaitSeconds), seconds);
  }

  /** The same with an all-reduce. */
  StepReport withSum(long bytes, GradientSum.Time time) {
    return with(loss, bytes, tapeBytes, time, seconds + time.exposed());
  }

  /** The same with the most of all workers' tapes. */
  public StepReport withTapeBytes(long most) {
    return with(
        loss, bucketBytes, most, new GradientSum.Time(syncSeconds, syncWaitSeconds), seconds);
  }

  private StepReport with(double ofAll, long bytes, long tape, GradientSum.Time sum, double taken) {
    return new StepReport(
        step,
        steps,
        epoch,
        ofAll,
        learningRate,
        gradNorm,
        tokens,
        bytes,
        tape,
        taken,
        sum.seconds(),
        sum.exposed(),
        times);
  }
}
