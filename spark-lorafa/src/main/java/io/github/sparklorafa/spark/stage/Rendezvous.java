package io.github.sparklorafa.spark.stage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.BarrierTaskContext;

/** The one time that workers of a stage meet through Spark: who they are, and where they listen. */
final class Rendezvous {
  private final List<Introduction> workers;

  /**
   * What a worker says of itself.
   *
   * @param workerRank number of its partition
   * @param executor id
   * @param host that Spark knows the executor by
   * @param pid of its process
   * @param checksums of what it is about to train with, which all must share
   * @param offer of its communicator; empty if it has none
   * @param problem why it can't train; empty if it can
   */
  record Introduction(
      int workerRank,
      String executor,
      String host,
      long pid,
      String checksums,
      String offer,
      String problem) {
    Introduction {
      for (String said : new String[] {executor, host, checksums, offer, problem}) {
        Objects.requireNonNull(said, "a worker that leaves something out");
      }
    }
  }

  private Rendezvous(List<Introduction> workers) {
    this.workers = workers;
  }

  /** Blocks until all workers have come: about a second, which Spark takes, if there are others. */
  static Rendezvous meet(BarrierTaskContext context, Introduction self) {
    if (context.getTaskInfos().length == 1) {
      return of(List.of(self));
    }
    return of(
        Arrays.stream(context.allGather(StageJson.write(self)))
            .map(json -> StageJson.read(json, Introduction.class))
            .toList());
  }

  static Rendezvous of(List<Introduction> workers) {
    return new Rendezvous(workers);
  }

  /** What the workers are called in messages, in rank order. */
  List<String> names() {
    return workers.stream()
        .map(
            worker ->
                "rank %d in executor %s on %s"
                    .formatted(worker.workerRank(), worker.executor(), worker.host()))
        .toList();
  }

  List<String> offers() {
    return workers.stream().map(Introduction::offer).toList();
  }

  /** The first reason why these workers can't train together; the same on all of them. */
  Optional<Introduction> refusal(boolean allInOneProcess) {
    List<Introduction> refusals = new ArrayList<>();
    Map<String, Integer> places = new HashMap<>();
    for (Introduction worker : workers) {
      if (!worker.problem().isEmpty()) {
        refusals.add(worker);
        continue;
      }
      Integer other =
          places.putIfAbsent(worker.executor() + " " + worker.host(), worker.workerRank());
      if (other != null && !allInOneProcess) {
        refusals.add(
            refused(
                worker,
                String.format(
                    "Cannot place workers: workers %d and %d are both in executor %s on %s (set"
                        + " spark.task.cpus to more than half of spark.executor.cores, so that each"
                        + " executor takes one)",
                    other, worker.workerRank(), worker.executor(), worker.host())));
      }
      Introduction first = workers.get(0);
      if (first.problem().isEmpty() && !worker.checksums().equals(first.checksums())) {
        refusals.add(
            refused(
                worker,
                String.format(
                    "Cannot train on different data: worker %d on %s has %s, worker 0 on %s has %s"
                        + " (use paths that mean the same on all machines)",
                    worker.workerRank(),
                    worker.host(),
                    worker.checksums(),
                    first.host(),
                    first.checksums())));
      }
    }
    return refusals.stream().findFirst();
  }

  private static Introduction refused(Introduction worker, String problem) {
    return new Introduction(
        worker.workerRank(),
        worker.executor(),
        worker.host(),
        worker.pid(),
        worker.checksums(),
        worker.offer(),
        problem);
  }
}
