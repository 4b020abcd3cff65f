package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.collective.Communicator;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskContext;

/**
 * Aborts a communicator and interrupts the worker's thread when Spark wants its task to end.
 *
 * <p>Spark doesn't interrupt a task's thread by itself; a worker that waits in native code for a
 * peer that never comes, or for a file system, would keep its slot, and the stage could not start
 * again.
 */
final class Watchdog implements AutoCloseable {
  private static final long POLL_MILLISECONDS = 200;

  private final TaskContext task;
  private final Communicator communicator;
  private final Thread worker;
  private final Thread thread;
  private boolean closed;

  private Watchdog(TaskContext task, Communicator communicator) {
    this.task = task;
    this.communicator = communicator;
    this.worker = Thread.currentThread();
    this.thread = new Thread(this::watch, "spark-lorafa-watchdog");
    thread.setDaemon(true);
  }

  /** Over the calling thread, which closes it. */
  static Watchdog over(TaskContext task, Communicator communicator) {
    Watchdog watchdog = new Watchdog(task, communicator);
    watchdog.thread.start();
    return watchdog;
  }

  private void watch() {
    try {
      while (!task.isCompleted()) {
        if (task.isInterrupted()) {
          end();
          return;
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Never after it was closed: the thread may have another task by then. */
  private synchronized void end() {
    if (!closed) {
      communicator.abort("Spark ended its task");
      worker.interrupt();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    thread.interrupt();
  }
}
