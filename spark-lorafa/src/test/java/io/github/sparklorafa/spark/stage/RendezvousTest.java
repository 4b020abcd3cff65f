package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.spark.stage.Rendezvous.Introduction;
import java.util.List;
import org.junit.jupiter.api.Test;

class RendezvousTest {
  private static Introduction worker(int rank, String executor, String checksums, String problem) {
    return new Introduction(rank, executor, "host", 10L + rank, checksums, "offer" + rank, problem);
  }

  private static String refusal(Introduction... workers) {
    return Rendezvous.of(List.of(workers)).refusal(false).map(Introduction::problem).orElse("none");
  }

  @Test
  void takesOneWorkerAnExecutor() {
    Rendezvous rendezvous =
        Rendezvous.of(List.of(worker(0, "0", "data", ""), worker(1, "1", "data", "")));
    assertThat(rendezvous.refusal(false)).isEmpty();
    assertThat(rendezvous.offers()).containsExactly("offer0", "offer1");
  }

  @Test
  void refusesTwoWorkersInOneExecutorUnlessThisIsLocalMode() {
    Introduction[] together = {worker(0, "7", "data", ""), worker(1, "7", "data", "")};
    assertThat(refusal(together))
        .isEqualTo(
            "Cannot place workers: workers 0 and 1 are both in executor 7 on host (set"
                + " spark.task.cpus to more than half of spark.executor.cores, so that each"
                + " executor takes one)");
    assertThat(Rendezvous.of(List.of(together)).refusal(true)).isEmpty();
  }

  @Test
  void refusesOtherData() {
    assertThat(refusal(worker(0, "0", "a", ""), worker(1, "1", "b", "")))
        .isEqualTo(
            "Cannot train on different data: worker 1 on host has b, worker 0 on host has a (use"
                + " paths that mean the same on all machines)");
  }

  @Test
  void tellsTheFirstProblem() {
    assertThat(refusal(worker(0, "0", "a", ""), worker(1, "1", "", "Cannot read model")))
        .isEqualTo("Cannot read model");
  }

  @Test
  void passesThroughJson() {
    Introduction worker = worker(1, "1", "x", "");
    assertThat(StageJson.read(StageJson.write(worker), Introduction.class)).isEqualTo(worker);
  }
}
