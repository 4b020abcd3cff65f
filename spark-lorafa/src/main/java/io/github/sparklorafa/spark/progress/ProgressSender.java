package io.github.sparklorafa.spark.progress;

import io.github.sparklorafa.spark.progress.ProgressMessage.Kind;
import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.TrainListener;
import io.github.sparklorafa.train.TrainStart;
import io.github.sparklorafa.train.WorkerReport;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.util.RpcUtils;
import scala.reflect.ClassTag$;

/** A task's line to the {@link ProgressReceiver} of its job. Any thread may use it. */
public final class ProgressSender {
  private final RpcEndpointRef driver;
  private final int attempt;

  private ProgressSender(RpcEndpointRef driver, int attempt) {
    this.driver = driver;
    this.attempt = attempt;
  }

  /**
   * Looks the receiver up; blocks for a message to the driver and back.
   *
   * @param name of the receiver
   * @param attempt of the stage: messages of earlier attempts are dropped once a later one has
   *     begun
   */
  public static ProgressSender open(String name, int attempt) {
    SparkEnv env = SparkEnv.get();
    return new ProgressSender(RpcUtils.makeDriverRef(name, env.conf(), env.rpcEnv()), attempt);
  }

  /**
   * Reports the training of the worker that runs in the calling thread's task: worker 0 tells of
   * steps and evaluations, the others of their tapes only, since the rest is the same everywhere;
   * all tell now and then how they are doing themselves.
   */
  public TrainListener listener() {
    SparkEnv env = SparkEnv.get();
    return new WorkerReports(
        this,
        new WorkerReports.Place(
            env.executorId(),
            env.blockManager().blockManagerId().host(),
            ProcessHandle.current().pid(),
            device(TaskContext.get())));
  }

  /** Doesn't wait. */
  void start(TrainStart start) {
    send(
        Kind.START,
        new RunStart(
            attempt,
            start.workers(),
            start.steps(),
            start.trainableParameters(),
            start.totalParameters(),
            start.stepsDone()));
  }

  /** Doesn't wait. */
  void step(StepReport report) {
    send(Kind.STEP, report);
  }

  /**
   * Tells how much this worker's tape has held; the largest goes into the reports. Doesn't wait.
   */
  void tape(long bytes) {
    send(Kind.TAPE, bytes);
  }

  /** Doesn't wait. */
  void evaluation(EvaluationReport report) {
    send(Kind.EVALUATION, report);
  }

  /** Doesn't wait. */
  void checkpoint(long step) {
    send(Kind.CHECKPOINT, step);
  }

  /** Doesn't wait. */
  void worker(WorkerReport report) {
    send(Kind.WORKER, report);
  }

  private static String device(TaskContext task) {
    ResourceInformation gpus = task.resourcesJMap().get("gpu");
    return gpus == null
        ? "cpu, threads: " + task.cpus()
        : "gpu " + String.join(", ", gpus.addresses());
  }

  /** Doesn't wait. */
  void note(String note) {
    send(Kind.NOTE, note);
  }

  /** Tells that this worker has all that it needs to begin. Doesn't wait. */
  public void ready(int workerRank) {
    send(Kind.READY, workerRank);
  }

  /** Returns when the driver knows of the failure: the others are told the first one. */
  public void failure(Failure failure) {
    ask(Kind.FAILURE, failure);
  }

  /** The first failure that a worker reported; blocks for a message to the driver and back. */
  public Optional<Failure> firstFailure() {
    String answer = ask(Kind.FIRST_FAILURE, null);
    return answer.isEmpty()
        ? Optional.empty()
        : Optional.of(ProgressMessage.parse(answer).body(Failure.class));
  }

  /** Returns when the driver has heard everything that was sent before. */
  public void flush() {
    ask(Kind.FLUSH, null);
  }

  private void send(Kind kind, Object body) {
    driver.send(ProgressMessage.of(kind, attempt, body).json());
  }

  private String ask(Kind kind, Object body) {
    String message = ProgressMessage.of(kind, attempt, body).json();
    return driver.askSync(message, ClassTag$.MODULE$.apply(String.class));
  }
}
