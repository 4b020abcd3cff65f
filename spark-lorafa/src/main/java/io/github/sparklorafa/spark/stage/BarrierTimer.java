package io.github.sparklorafa.spark.stage;

import java.lang.reflect.Field;
import java.util.Collections;
import java.util.Set;
import java.util.Timer;
import java.util.WeakHashMap;
import org.apache.spark.BarrierTaskContext$;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.TaskScheduler;
import org.apache.spark.scheduler.TaskSchedulerImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the timers of Spark's barriers with the application. Spark 3.5 forgets to (SPARK-46895), and
 * their threads would keep a driver alive for ever whose main method has returned: the
 * coordinator's, and in local mode that of the tasks.
 */
final class BarrierTimer extends SparkListener {
  private static final Logger LOG = LoggerFactory.getLogger(BarrierTimer.class);
  private static final String COORDINATORS = "org$apache$spark$BarrierCoordinator$$timer";
  private static final String TASKS = "org$apache$spark$BarrierTaskContext$$timer";
  private static final Set<SparkContext> WATCHED =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private final TaskScheduler scheduler;
  private final boolean local;

  private BarrierTimer(SparkContext context) {
    this.scheduler = context.taskScheduler();
    this.local = context.isLocal();
  }

  static void endWith(SparkContext context) {
    if (WATCHED.add(context)) {
      context.addSparkListener(new BarrierTimer(context));
    }
  }

  @Override
  public void onApplicationEnd(SparkListenerApplicationEnd event) {
    try {
      endCoordinators();
      if (local) {
        replaceTasks();
      }
    } catch (ReflectiveOperationException | ClassCastException e) {
      LOG.debug("This Spark has no such timer", e);
    }
  }

  private void endCoordinators() throws ReflectiveOperationException {
    if (scheduler instanceof TaskSchedulerImpl impl && impl.barrierCoordinator() != null) {
      Object coordinator = impl.barrierCoordinator();
      ((Timer) coordinator.getClass().getMethod(COORDINATORS).invoke(coordinator)).cancel();
    }
  }

  /**
   * All applications of a JVM share this one: the next of them finds one that keeps nothing alive.
   */
  private static void replaceTasks() throws ReflectiveOperationException {
    BarrierTaskContext$ tasks = BarrierTaskContext$.MODULE$;
    Field timer = BarrierTaskContext$.class.getDeclaredField(TASKS);
    timer.setAccessible(true);
    Timer old = (Timer) timer.get(tasks);
    timer.set(tasks, new Timer("Barrier task timer", true));
    old.cancel();
  }
}
