package io.github.sparklorafa.data;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Hands out a worker's micro-batches step by step, reading the next step while this one trains.
 *
 * <p>One daemon thread reads; one step is ahead, never more. {@link #next} blocks until its step is
 * read, and throws what reading threw. Used by one thread.
 */
public final class BatchPrefetcher implements AutoCloseable {

  private final TokenSequences sequences;
  private final BatchOrder order;
  private final int rank;
  private final int microBatchSize;
  private final RowView view;
  private final ExecutorService reader;
  private Future<List<TokenBatch>> ahead;
  private long step;

  /**
   * Starts to read.
   *
   * @param microBatchSize sequences of one micro-batch; 0 for all in one
   * @param firstStep the step that the first call of {@link #next} gives, from 0
   */
  public BatchPrefetcher(
      TokenSequences sequences, BatchOrder order, int rank, int microBatchSize, long firstStep) {
    this(sequences, order, rank, microBatchSize, firstStep, RowView.PLAIN);
  }

  /** The same with the documents as {@code view} shows them in each step. */
  public BatchPrefetcher(
      TokenSequences sequences,
      BatchOrder order,
      int rank,
      int microBatchSize,
      long firstStep,
      RowView view) {
    this.sequences = sequences;
    this.order = order;
    this.rank = rank;
    this.microBatchSize = microBatchSize;
    this.step = firstStep;
    this.view = view;
    this.reader =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "lorafa-batches-" + rank);
              thread.setDaemon(true);
              return thread;
            });
    readAhead();
  }

  /** Whether the run has another step. */
  public boolean hasNext() {
    return step < order.steps();
  }

  /**
   * The micro-batches of the next step; none if this rank has no rows in it.
   *
   * @throws NoSuchElementException after the last step
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public List<TokenBatch> next() throws InterruptedException {
    if (!hasNext()) {
      throw new NoSuchElementException(
          "Cannot read step " + step + ": the run has no more steps (ask hasNext first)");
    }
    List<TokenBatch> batches = joined(ahead);
    step++;
    readAhead();
    return batches;
  }

  /** Stops reading; does not wait for a read under way. */
  @Override
  public void close() {
    reader.shutdownNow();
  }

  private void readAhead() {
    if (hasNext()) {
      long next = step;
      ahead =
          reader.submit(
              () -> MicroBatches.of(sequences, order.rows(next, rank), microBatchSize, view, next));
    }
  }

  private static <T> T joined(Future<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(
          "Cannot read a batch: " + e.getCause().getMessage() + " (start again)", e);
    }
  }
}
