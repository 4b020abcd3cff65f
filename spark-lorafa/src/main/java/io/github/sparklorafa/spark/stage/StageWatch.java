package io.github.sparklorafa.spark.stage;

import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/**
 * Ends a job whose barrier stage waits for executors that don't come.
 *
 * <p>Spark would wait for ever when an executor is lost and not replaced. This waits for {@value
 * #PATIENCE_KEY} (default 50 s), then cancels the job, and keeps the first cause.
 */
final class StageWatch extends SparkListener implements AutoCloseable {
  static final String PATIENCE_KEY = "spark.lorafa.restart-timeout";

  private static final String DEFAULT_PATIENCE = "50s";

  private final SparkContext context;
  private final String group;
  private final Duration patience;
  private final Thread thread;
  private int stage = -1;
  private long waitingSince;
  private String firstCause;
  private String verdict;

  private StageWatch(SparkContext context, String group) {
    this.context = context;
    this.group = group;
    this.patience =
        Duration.ofMillis(context.getConf().getTimeAsMs(PATIENCE_KEY, DEFAULT_PATIENCE));
    this.thread = new Thread(this::watch, "spark-lorafa-stage-watch");
    thread.setDaemon(true);
  }

  static StageWatch over(SparkContext context, String group) {
    StageWatch watch = new StageWatch(context, group);
    context.addSparkListener(watch);
    watch.thread.start();
    return watch;
  }

  /** Why the stage failed, where that is known better than by Spark's last message. */
  synchronized Optional<String> verdict() {
    return Optional.ofNullable(verdict != null ? verdict : firstCause);
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
    }
  }

  @Override
  public synchronized void onStageCompleted(SparkListenerStageCompleted event) {
    if (event.stageInfo().stageId() == stage && event.stageInfo().failureReason().isDefined()) {
      waitingSince = System.nanoTime();
      if (firstCause == null) {
        firstCause = event.stageInfo().failureReason().get().lines().findFirst().orElse("");
      }
    }
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved event) {
    if (stage >= 0 && firstCause == null) {
      firstCause = String.format("executor %s was lost: %s", event.executorId(), event.reason());
    }
  }

  private void watch() {
    try {
      while (!isOverdue()) {
        TimeUnit.MILLISECONDS.sleep(500);
      }
      context.cancelJobGroup(group);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isOverdue() {
    boolean overdue = waitingSince != 0 && System.nanoTime() - waitingSince > patience.toNanos();
    if (overdue) {
      verdict =
          String.format(
              "%s; the executors for another try did not come within %d s (see that lost executors"
                  + " are replaced, or raise %s)",
              firstCause == null ? "no executor took the workers" : firstCause,
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
