package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.collection.JavaConverters;

/**
 * The executors that there are when a job begins, and the settings that decide whether they can
 * train.
 *
 * @param conf of the application
 * @param local whether the driver is the only executor
 * @param executorCores cores of each executor
 */
record Cluster(SparkConf conf, boolean local, List<Integer> executorCores) {
  /** Spark's own patience with executors when an application starts. */
  private static final String REGISTRATION_TIME =
      "spark.scheduler.maxRegisteredResourcesWaitingTime";

  private static final String DYNAMIC_ALLOCATION = "spark.dynamicAllocation.enabled";

  /** Waits until as many executors as {@code workers} have registered, but not for long. */
  static Cluster of(SparkContext context, int workers) {
    boolean local = context.isLocal();
    long milliseconds = context.getConf().getTimeAsMs(REGISTRATION_TIME, "30s");
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
    List<Integer> cores = executorCores(context, local);
    while (!local && cores.size() < workers && System.nanoTime() < deadline) {
      try {
        TimeUnit.MILLISECONDS.sleep(200);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
      cores = executorCores(context, local);
    }
    return new Cluster(context.getConf(), local, cores);
  }

  private static List<Integer> executorCores(SparkContext context, boolean local) {
    List<Integer> cores = new ArrayList<>();
    for (ExecutorSummary executor :
        JavaConverters.seqAsJavaList(context.statusStore().executorList(true))) {
      if (local || !executor.id().equals("driver")) {
        cores.add(executor.totalCores());
      }
    }
    return List.copyOf(cores);
  }

  void check(int workers, Problems problems) {
    if (conf.getBoolean(DYNAMIC_ALLOCATION, false)) {
      problems.add(
          "Cannot train with dynamic allocation: %s=true (a barrier stage needs all executors at"
              + " once: set it to false and spark.executor.instances to the number of workers)",
          DYNAMIC_ALLOCATION);
    }
    SyncTimeout.check(conf, problems);
    checkSlots(workers, problems);
  }

  private void checkSlots(int workers, Problems problems) {
    if (local) {
      int slots = executorCores.stream().mapToInt(cores -> cores / taskCpus()).sum();
      if (slots < workers) {
        problems.add(
            "Cannot run %d workers: local mode has %d slots (use --master local[%d] or more, or"
                + " fewer workers)",
            workers, slots, workers * taskCpus());
      }
      return;
    }
    long able = executorCores.stream().filter(cores -> cores >= taskCpus()).count();
    if (able < workers) {
      problems.add(
          "Cannot run %d workers: %d executors with at least spark.task.cpus=%d cores are there"
              + " (each worker needs an executor: raise spark.executor.instances, or use fewer"
              + " workers)",
          workers, able, taskCpus());
    }
  }

  int taskCpus() {
    return conf.getInt("spark.task.cpus", 1);
  }

  /**
   * Cpus that a training task asks for, so that no executor can take two: more than half of the
   * largest executor's, and no more than the smallest has. 0 where no request is needed or none
   * will do; the rendezvous finds out then.
   */
  int cpusForOneWorkerEach() {
    int least = executorCores.stream().mapToInt(Integer::intValue).min().orElse(0);
    int most = executorCores.stream().mapToInt(Integer::intValue).max().orElse(0);
    boolean needed = !local && most >= 2 * taskCpus();
    return needed && 2 * least > most ? least : 0;
  }
}
