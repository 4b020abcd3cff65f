package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.train.Problems;
import java.util.List;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class ClusterTest {
  private final SparkConf conf = new SparkConf(false);

  private List<String> problems(int workers, Integer... executorCores) {
    Problems problems = new Problems();
    new Cluster(conf, false, List.of(executorCores)).check(workers, problems);
    return problems.found();
  }

  @Test
  void takesAsManyWorkersAsExecutors() {
    assertThat(problems(2, 1, 4)).isEmpty();
    assertThat(problems(3, 1, 4))
        .containsExactly(
            "Cannot run 3 workers: 2 executors with at least spark.task.cpus=1 cores are there"
                + " (each worker needs an executor: raise spark.executor.instances, or use fewer"
                + " workers)");
  }

  @Test
  void countsOnlyExecutorsWithEnoughCores() {
    conf.set("spark.task.cpus", "2");
    assertThat(problems(2, 1, 4)).hasSize(1);
  }

  @Test
  void refusesDynamicAllocation() {
    conf.set("spark.dynamicAllocation.enabled", "true");
    assertThat(problems(1, 1))
        .containsExactly(
            "Cannot train with dynamic allocation: spark.dynamicAllocation.enabled=true (a barrier"
                + " stage needs all executors at once: set it to false and"
                + " spark.executor.instances to the number of workers)");
  }

  @Test
  void refusesATimeoutThatIsNoTime() {
    conf.set("spark.lorafa.sync-timeout", "soon");
    assertThat(problems(1, 1))
        .containsExactly(
            "Cannot use sync timeout: soon (set spark.lorafa.sync-timeout to a time from 1s up with"
                + " its unit, such as 90s or 10m)");
    conf.set("spark.lorafa.sync-timeout", "500ms");
    assertThat(problems(1, 1)).hasSize(1);
    conf.set("spark.lorafa.sync-timeout", "90s");
    assertThat(problems(1, 1)).isEmpty();
    assertThat(SyncTimeout.of(conf)).hasSeconds(90);
  }

  @Test
  void reportsAllAtOnce() {
    conf.set("spark.dynamicAllocation.enabled", "true");
    assertThat(problems(2, 1)).hasSize(2);
  }

  @Test
  void asksForSoManyCpusThatNoExecutorTakesTwoWorkers() {
    assertThat(new Cluster(conf, false, List.of(1, 1)).cpusForOneWorkerEach()).isZero();
    assertThat(new Cluster(conf, false, List.of(4, 4)).cpusForOneWorkerEach()).isEqualTo(4);
    assertThat(new Cluster(conf, false, List.of(4, 6)).cpusForOneWorkerEach()).isEqualTo(4);
    assertThat(new Cluster(conf, false, List.of(2, 4)).cpusForOneWorkerEach()).isZero();
    assertThat(new Cluster(conf, true, List.of(8)).cpusForOneWorkerEach()).isZero();
  }
}
