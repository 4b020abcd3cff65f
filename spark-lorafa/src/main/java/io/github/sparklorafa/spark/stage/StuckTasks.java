package io.github.sparklorafa.spark.stage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the tasks that go on although their stage has failed and Spark has told them to end.
 *
 * <p>A worker ends within a second then. Where a process was stopped, hangs in native code or waits
 * for a file system that doesn't answer, the task keeps its slot, and the stage can't begin again
 * before Spark takes the executor for lost, if it ever does. Times are those of {@link
 * System#nanoTime}.
 */
final class StuckTasks {
  /** Enough for a worker that is alive, also on a machine with much else to do. */
  static final Duration GRACE = Duration.ofSeconds(15);

  private final Map<Long, String> executors = new HashMap<>();
  private final Map<Long, Long> toldToEnd = new HashMap<>();

  void started(long task, String executor) {
    executors.put(task, executor);
  }

  void ended(long task) {
    executors.remove(task);
    toldToEnd.remove(task);
  }

  /** All of its tasks have ended with it. */
  void lost(String executor) {
    executors.values().removeIf(executor::equals);
    toldToEnd.keySet().retainAll(executors.keySet());
  }

  /** Whatever runs now is to end. */
  void stageFailed(long now) {
    executors.keySet().forEach(task -> toldToEnd.putIfAbsent(task, now));
  }

  /** Executors whose tasks have had the time to end and have not; each is told once. */
  List<String> stuck(long now) {
    Set<String> stuck = new HashSet<>();
    for (Map.Entry<Long, Long> told : Map.copyOf(toldToEnd).entrySet()) {
      if (now - told.getValue() > GRACE.toNanos()) {
        stuck.add(executors.get(told.getKey()));
        ended(told.getKey());
      }
    }
    return new ArrayList<>(stuck);
  }
}
