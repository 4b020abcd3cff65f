package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.spark.progress.ProgressReceiver;
import io.github.sparklorafa.spark.stage.LateWorkers.Late;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.StageInfo;
import org.apache.spark.scheduler.TaskInfo;

/**
 * Sees to it that a barrier stage that failed begins again or ends, and keeps the first cause.
 *
 * <p>Spark would wait for ever when an executor is lost and not replaced. This waits for {@value
 * #PATIENCE_KEY} (default 50 s), then cancels the job. Spark would also wait for tasks that don't
 * end when their stage has failed, and for workers that never come to the rendezvous: their
 * executors are killed, and the cluster manager replaces them.
 */
final class StageWatch extends SparkListener implements AutoCloseable {
  static final String PATIENCE_KEY = "spark.lorafa.restart-timeout";

  private static final String DEFAULT_PATIENCE = "50s";

  private final SparkContext context;
  private final String group;
  private final Consumer<String> notes;
  private final StuckTasks tasks = new StuckTasks();
  private final LateWorkers arrivals;
  private final Duration patience;
  private final Thread thread;
  private int stage = -1;
  private long waitingSince;
  private int failedAttempts;
  private String firstCause;
  private String firstLoss;
  private String verdict;

  private StageWatch(SparkContext context, String group, Consumer<String> notes) {
    this.context = context;
    this.group = group;
    this.notes = notes;
    this.arrivals = new LateWorkers(SyncTimeout.of(context.getConf()));
    this.patience =
        Duration.ofMillis(context.getConf().getTimeAsMs(PATIENCE_KEY, DEFAULT_PATIENCE));
    this.thread = new Thread(this::watch, "spark-lorafa-stage-watch");
    thread.setDaemon(true);
  }

  /**
   * Over the jobs of a group, until it is closed.
   *
   * @param progress told of attempts that failed, and of executors that are replaced; tells who has
   *     come to the rendezvous
   */
  static StageWatch over(SparkContext context, String group, ProgressReceiver progress) {
    StageWatch watch = new StageWatch(context, group, progress::note);
    progress.onArrival((attempt, rank) -> watch.arrivals.came(attempt, rank, System.nanoTime()));
    context.addSparkListener(watch);
    watch.thread.start();
    return watch;
  }

  /** Why the stage failed, where that is known better than by Spark's last message. */
  synchronized Optional<String> verdict() {
    return Optional.ofNullable(verdict != null ? verdict : cause());
  }

  /** That an executor was lost explains why its peers missed it, which is often heard first. */
  private String cause() {
    return firstLoss != null ? firstLoss : firstCause;
  }

  @Override
  public synchronized void onStageSubmitted(SparkListenerStageSubmitted event) {
    Properties properties = event.properties();
    if (properties != null
        && group.equals(properties.getProperty("spark.jobGroup.id"))
        && (stage < 0 || stage == event.stageInfo().stageId())) {
      stage = event.stageInfo().stageId();
      waitingSince = System.nanoTime();
    }
  }

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart event) {
    if (event.stageId() == stage) {
      waitingSince = 0;
      TaskInfo task = event.taskInfo();
      tasks.started(task.taskId(), task.executorId());
      arrivals.began(
          event.stageAttemptId(), new Late(task.index(), task.executorId(), task.host()));
    }
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
    if (event.stageId() == stage) {
      tasks.ended(event.taskInfo().taskId());
    }
  }

  @Override
  public synchronized void onStageCompleted(SparkListenerStageCompleted event) {
    StageInfo info = event.stageInfo();
    // Spark tells of an attempt once for each task that ends it, perhaps when the next one runs.
    boolean isNews = info.stageId() == stage && info.attemptNumber() >= failedAttempts;
    if (isNews && info.failureReason().isDefined()) {
      failedAttempts = info.attemptNumber() + 1;
      waitingSince = System.nanoTime();
      tasks.stageFailed(waitingSince);
      arrivals.failed(info.attemptNumber());
      String cause = Causes.ofStage(info.failureReason().get());
      notes.accept("Attempt %d of the training stage failed: %s".formatted(failedAttempts, cause));
      if (firstCause == null) {
        firstCause = cause;
      }
    }
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved event) {
    tasks.lost(event.executorId());
    if (stage >= 0 && firstLoss == null) {
      firstLoss = String.format("executor %s was lost: %s", event.executorId(), event.reason());
    }
  }

  private void watch() {
    try {
      while (!isOverdue()) {
        stuck().forEach(this::replace);
        arrivals.late(System.nanoTime()).forEach(this::giveUp);
        TimeUnit.MILLISECONDS.sleep(500);
      }
      context.cancelJobGroup(group);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized List<String> stuck() {
    return context.isLocal() ? List.of() : tasks.stuck(System.nanoTime());
  }

  private void replace(String executor) {
    boolean asked = context.killAndReplaceExecutor(executor);
    notes.accept(
        "Executor %s has not ended its task %d s after its stage failed: %s"
            .formatted(
                executor,
                StuckTasks.GRACE.toSeconds(),
                asked ? "it is replaced" : "the cluster manager does not replace it"));
  }

  /** In local mode there is one executor, whose end would be the driver's. */
  private void giveUp(Late worker) {
    long seconds = SyncTimeout.of(context.getConf()).toSeconds();
    String late =
        "%s has not read its model and data %d s after another one had".formatted(worker, seconds);
    synchronized (this) {
      firstLoss = firstLoss == null ? late : firstLoss;
      verdict = context.isLocal() ? late : verdict;
    }
    boolean asked = !context.isLocal() && context.killAndReplaceExecutor(worker.executor());
    notes.accept(
        "W%s: %s (raise %s if it is only slow)"
            .formatted(
                late.substring(1),
                asked ? "its executor is replaced" : "the run ends",
                SyncTimeout.KEY));
    if (!asked) {
      context.cancelJobGroup(group);
    }
  }

  private synchronized boolean isOverdue() {
    boolean overdue = waitingSince != 0 && System.nanoTime() - waitingSince > patience.toNanos();
    if (overdue) {
      verdict =
          String.format(
              "%s; the executors for another try did not come within %d s (see that lost executors"
                  + " are replaced, or raise %s)",
              cause() == null ? "no executor took the workers" : cause(),
              patience.toSeconds(),
              PATIENCE_KEY);
    }
    return overdue;
  }

  @Override
  public void close() {
    thread.interrupt();
    context.removeSparkListener(this);
  }
}
