package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.collective.Communicator;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskContext;

/**
 * Aborts a communicator when Spark wants its task to end.
 *
 * <p>Spark doesn't interrupt a task's thread by itself; a worker that waits in native code for a
 * peer that never comes would keep its slot, and the stage could not start again.
 */
final class Watchdog implements AutoCloseable {
  private static final long POLL_MILLISECONDS = 200;

  private final Thread thread;

  private Watchdog(Thread thread) {
    this.thread = thread;
  }

  static Watchdog over(TaskContext task, Communicator communicator) {
    Thread thread = new Thread(() -> watch(task, communicator), "spark-lorafa-watchdog");
    thread.setDaemon(true);
    thread.start();
    return new Watchdog(thread);
  }

  private static void watch(TaskContext task, Communicator communicator) {
    try {
      while (!task.isCompleted()) {
        if (task.isInterrupted()) {
          communicator.abort("Spark ended its task");
          return;
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
