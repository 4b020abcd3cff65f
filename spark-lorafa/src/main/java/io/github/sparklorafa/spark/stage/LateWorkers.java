package io.github.sparklorafa.spark.stage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the workers that don't come to the rendezvous although another one waits there.
 *
 * <p>Before workers know of each other no sum can time out, and Spark's barrier waits for a year. A
 * file system that doesn't answer would hold all of them up for so long. Times are those of {@link
 * System#nanoTime}.
 */
final class LateWorkers {
  private final Duration patience;
  private final Map<Integer, Late> missing = new HashMap<>();
  private final Set<Integer> came = new HashSet<>();
  private int attempt = -1;
  private long firstCame;

  /** A worker and where it is. */
  record Late(int workerRank, String executor, String host) {
    @Override
    public String toString() {
      return "worker %d in executor %s on %s".formatted(workerRank, executor, host);
    }
  }

  /**
   * @param patience with the others once one has come
   */
  LateWorkers(Duration patience) {
    this.patience = patience;
  }

  /** A task has begun. */
  synchronized void began(int ofAttempt, Late worker) {
    if (begin(ofAttempt) && !came.contains(worker.workerRank())) {
      missing.put(worker.workerRank(), worker);
    }
  }

  /** A worker has all that it needs; perhaps this is heard before its task's beginning. */
  synchronized void came(int ofAttempt, int workerRank, long now) {
    if (begin(ofAttempt)) {
      firstCame = came.isEmpty() ? now : firstCame;
      came.add(workerRank);
      missing.remove(workerRank);
    }
  }

  /** Whether the attempt is the current one, which it is from now on if it is a later one. */
  private boolean begin(int ofAttempt) {
    if (ofAttempt > attempt) {
      attempt = ofAttempt;
      missing.clear();
      came.clear();
    }
    return ofAttempt == attempt;
  }

  /** The attempt has failed: nobody is waited for until the next one. */
  synchronized void failed(int ofAttempt) {
    if (ofAttempt == attempt) {
      missing.clear();
    }
  }

  /** Workers that have had the time to come and have not; each is told once. */
  synchronized List<Late> late(long now) {
    if (came.isEmpty() || now - firstCame < patience.toNanos()) {
      return List.of();
    }
    List<Late> late = new ArrayList<>(missing.values());
    missing.clear();
    return late;
  }
}
