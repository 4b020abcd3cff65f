package io.github.sparklorafa.spark.stage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;

/** Batches of rows of like length, of rows that keep their order. */
final class ByLength {
  /** Batches that are read ahead, so that rows of like length find each other. */
  private static final int BATCHES_AHEAD = 8;

  /** Tokens of one pass, so that its activations stay small whatever the rows are. */
  private static final int MOST_TOKENS = 4096;

  private ByLength() {}

  /**
   * The rows of an iterator, a stretch of them at a time.
   *
   * @param each what becomes of the rows of a stretch, in their order
   */
  static Iterator<Row> stretches(Iterator<Row> rows, int batchSize, UnaryOperator<List<Row>> each) {
    return new Iterator<>() {
      private Iterator<Row> ready = List.<Row>of().iterator();

      @Override
      public boolean hasNext() {
        return ready.hasNext() || rows.hasNext();
      }

      @Override
      public Row next() {
        if (!ready.hasNext()) {
          List<Row> stretch = new ArrayList<>();
          while (rows.hasNext() && stretch.size() < BATCHES_AHEAD * batchSize) {
            stretch.add(rows.next());
          }
          ready = each.apply(stretch).iterator();
        }
        return ready.next();
      }
    };
  }

  /**
   * Indexes of rows that go through a model together, at most {@code batchSize} of them and no more
   * than one where rows are very long.
   *
   * @param lengths of all rows, in tokens; one of 0 is in no batch
   */
  static List<List<Integer>> batches(int[] lengths, int batchSize) {
    List<List<Integer>> batches = new ArrayList<>();
    List<Integer> batch = new ArrayList<>();
    long tokens = 0;
    for (int row : sorted(lengths)) {
      if (batch.size() == batchSize || (!batch.isEmpty() && tokens + lengths[row] > MOST_TOKENS)) {
        batches.add(batch);
        batch = new ArrayList<>();
        tokens = 0;
      }
      batch.add(row);
      tokens += lengths[row];
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return batches;
  }

  private static int[] sorted(int[] lengths) {
    return IntStream.range(0, lengths.length)
        .filter(row -> lengths[row] > 0)
        .boxed()
        .sorted(Comparator.comparingInt(row -> lengths[row]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
