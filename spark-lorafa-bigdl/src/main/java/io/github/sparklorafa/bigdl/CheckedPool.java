package io.github.sparklorafa.bigdl;

import com.intel.analytics.bigdl.parameters.AllReduceParameter$;
import java.lang.reflect.Field;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads for BigDL's all-reduce, whose failures count: BigDL starts tasks with {@link #invokeAll}
 * and looks at none of their results, so that a block which did not come would be added up as if it
 * were zero. Here the first failure is thrown.
 */
final class CheckedPool extends ThreadPoolExecutor {
  private static final int THREADS = 4;
  private static final long IDLE_SECONDS = 30;

  private CheckedPool(String name, int threads) {
    super(
        threads,
        threads,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
    allowCoreThreadTimeOut(true);
  }

  /** Gives BigDL these threads in the place of its own; for the whole process. */
  static void install() {
    Installed.ensure();
  }

  /** Once. */
  private static final class Installed {
    static {
      replace("syncPool", new CheckedPool("bigdl-fetch", THREADS));
      replace("computePool", new CheckedPool("bigdl-add", 1));
    }

    private Installed() {}

    static void ensure() {
      // The initialiser has run.
    }

    private static void replace(String name, CheckedPool pool) {
      try {
        Field field = AllReduceParameter$.class.getDeclaredField(name);
        field.setAccessible(true);
        ((java.util.concurrent.ExecutorService) field.get(AllReduceParameter$.MODULE$)).shutdown();
        field.set(AllReduceParameter$.MODULE$, pool);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(
            "Cannot check BigDL's threads: " + name + " (report this)", e);
      }
    }
  }

  @Override
  public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks)
      throws InterruptedException {
    List<Future<T>> results = super.invokeAll(tasks);
    for (Future<T> result : results) {
      try {
        T unused = result.get();
      } catch (ExecutionException e) {
        throw unwrapped(e);
      }
    }
    return results;
  }

  private static RuntimeException unwrapped(ExecutionException e) {
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return e.getCause() instanceof RuntimeException cause
        ? cause
        : new IllegalStateException(
            "Cannot add up: " + e.getCause() + " (report this)", e.getCause());
  }
}
