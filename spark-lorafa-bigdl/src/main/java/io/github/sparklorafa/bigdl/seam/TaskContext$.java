package io.github.sparklorafa.bigdl.seam;

/** Tells an {@code AllReduceParameter} which slice is its own, on the thread that makes it. */
public final class TaskContext$ {
  public static final TaskContext$ MODULE$ = new TaskContext$();

  private final ThreadLocal<Integer> rank = ThreadLocal.withInitial(() -> 0);

  private TaskContext$() {}

  public int getPartitionId() {
    return rank.get();
  }

  /** What {@link #getPartitionId} says on this thread from now on. */
  public void set(int workerRank) {
    rank.set(workerRank);
  }
}
