package io.github.sparklorafa.spark.stage;

import java.util.Collections;
import java.util.Set;
import java.util.Timer;
import java.util.WeakHashMap;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.TaskScheduler;
import org.apache.spark.scheduler.TaskSchedulerImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the timer of Spark's barrier coordinator with the application. Spark 3.5 forgets to
 * (SPARK-46895), and its thread would keep a driver alive for ever whose main method has returned.
 */
final class BarrierTimer extends SparkListener {
  private static final Logger LOG = LoggerFactory.getLogger(BarrierTimer.class);
  private static final String TIMER = "org$apache$spark$BarrierCoordinator$$timer";
  private static final Set<SparkContext> WATCHED =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private final TaskScheduler scheduler;

  private BarrierTimer(TaskScheduler scheduler) {
    this.scheduler = scheduler;
  }

  static void endWith(SparkContext context) {
    if (WATCHED.add(context)) {
      context.addSparkListener(new BarrierTimer(context.taskScheduler()));
    }
  }

  @Override
  public void onApplicationEnd(SparkListenerApplicationEnd event) {
    if (!(scheduler instanceof TaskSchedulerImpl impl) || impl.barrierCoordinator() == null) {
      return;
    }
    try {
      Object coordinator = impl.barrierCoordinator();
      ((Timer) coordinator.getClass().getMethod(TIMER).invoke(coordinator)).cancel();
    } catch (ReflectiveOperationException | ClassCastException e) {
      LOG.debug("This Spark has no such timer", e);
    }
  }
}
