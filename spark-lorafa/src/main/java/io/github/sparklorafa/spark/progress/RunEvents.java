package io.github.sparklorafa.spark.progress;

import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.WorkerReport;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * Puts what happens in a run on Spark's listener bus, from where it reaches the UI and the event
 * log. Doesn't wait for either.
 */
public final class RunEvents implements ProgressListener {
  /** The class to name in {@code spark.plugins}, so that the UI shows runs. */
  public static final String PLUGIN = "io.github.sparklorafa.spark.plugin.LoraFaPlugin";

  /** Steps of a run that the event log has, about. */
  private static final int SAMPLES = 400;

  /** Between two steps, or two reports of a worker, that the log does not have. */
  private static final long QUIET_MILLISECONDS = 500;

  private final String run = UUID.randomUUID().toString();
  private final Consumer<SparkListenerEvent> bus;
  private final LongSupplier clock;
  private final Map<Integer, WorkerReport> workers = new TreeMap<>();
  private long steps;
  private long every = 1;
  private long lastStepTime;
  private long tokens;
  private long sentBytes;

  RunEvents(Consumer<SparkListenerEvent> bus, LongSupplier clock) {
    this.bus = bus;
    this.clock = clock;
  }

  /**
   * Tells of a run.
   *
   * @param settings by the names of {@code train}'s flags, without secrets
   * @param methods what it needs, first, and other ways to train
   */
  public static RunEvents begin(
      SparkContext context, Map<String, String> settings, List<MethodCost> methods) {
    RunEvents events =
        new RunEvents(event -> context.listenerBus().post(event), System::currentTimeMillis);
    events.begin(settings, methods);
    return events;
  }

  void begin(Map<String, String> settings, List<MethodCost> methods) {
    bus.accept(new RunBegan(run, now(), settings, methods));
    RunFigures.OF_RUN.begin();
  }

  /** Tells this run from others of the application. */
  public String run() {
    return run;
  }

  private long now() {
    return clock.getAsLong();
  }

  @Override
  public synchronized void onStart(RunStart start) {
    steps = start.steps();
    every = Math.max(1, (steps - start.stepsDone() + SAMPLES - 1) / SAMPLES);
    bus.accept(
        new RunTrains(
            run,
            now(),
            start.attempt(),
            start.workers(),
            start.steps(),
            start.trainableParameters(),
            start.totalParameters(),
            start.stepsDone()));
  }

  @Override
  public synchronized void onStep(StepReport report) {
    RunFigures.OF_RUN.after(report);
    tokens += report.tokens();
    sentBytes += report.bucketBytes();
    long step = report.step();
    boolean sampled = step == 1 || step == steps || step % every == 0;
    long now = now();
    if (!sampled && now - lastStepTime < QUIET_MILLISECONDS) {
      return;
    }
    lastStepTime = now;
    bus.accept(
        new RunStep(
            run,
            now,
            sampled,
            step,
            report.epoch(),
            report.loss(),
            report.learningRate(),
            report.gradNorm(),
            report.tokensPerSecond(),
            report.seconds(),
            report.bucketBytes(),
            report.tapeBytes(),
            tokens,
            sentBytes));
  }

  @Override
  public synchronized void onEvaluation(EvaluationReport report) {
    bus.accept(
        new RunEvaluated(
            run,
            now(),
            report.step(),
            report.epoch(),
            report.evalLoss(),
            report.seconds(),
            report.scores()));
  }

  @Override
  public synchronized void onCheckpoint(long step) {
    bus.accept(new RunCheckpoint(run, now(), step));
  }

  @Override
  public synchronized void onWorker(WorkerReport report) {
    workers.put(report.workerRank(), report);
    bus.accept(event(report, false));
  }

  @Override
  public synchronized void onNote(String note) {
    bus.accept(new RunNote(run, now(), Redaction.text(note)));
  }

  /**
   * The run is over, and well.
   *
   * @param bestStep whose values are the result, or 0 where the last step's are
   */
  public synchronized void succeeded(String output, long bestStep) {
    logWorkers();
    bus.accept(new RunEnded(run, now(), "", Redaction.text(output), bestStep));
  }

  /** The run is over, and has left nothing. */
  public synchronized void failed(Throwable cause) {
    logWorkers();
    String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    bus.accept(new RunEnded(run, now(), Redaction.text(text), "", 0));
  }

  private void logWorkers() {
    workers.values().forEach(report -> bus.accept(event(report, true)));
  }

  private RunWorker event(WorkerReport report, boolean logged) {
    return new RunWorker(
        run,
        now(),
        logged,
        report.workerRank(),
        report.executor(),
        report.host(),
        report.device(),
        report.step(),
        report.seconds(),
        report.times().data(),
        report.times().forward(),
        report.times().backward(),
        report.syncWaitSeconds(),
        report.tapeBytes(),
        report.sentBytes());
  }
}
