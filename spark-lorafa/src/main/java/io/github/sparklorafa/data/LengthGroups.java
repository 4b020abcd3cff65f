package io.github.sparklorafa.data;

import static io.github.sparklorafa.data.Mix64.mix;

import java.util.Arrays;
import java.util.function.LongToIntFunction;

/**
 * The epochs' orders, grouped by length so that the rows of a batch are of like lengths; see {@link
 * BatchOrder} for the exact order. Thread-safe; keeps the window that was read last, 8 bytes an
 * entry.
 */
final class LengthGroups {

  static final int WINDOW_BATCHES = 50;
  static final int WINDOW_ROWS = 1 << 16;

  private final long rows;
  private final int batchSize;
  private final long windowRows;
  private final boolean joined;
  private final long seed;
  private final LongToIntFunction tokens;
  private volatile Window last = new Window(-1, 0, new long[0]);

  private record Window(long epoch, long start, long[] entries) {
    boolean holds(long itsEpoch, long index) {
      return epoch == itsEpoch && index >= start && index - start < entries.length;
    }
  }

  /**
   * @param joined whether the epochs are joined to one stream before batches are cut
   * @param tokens length of each row
   */
  LengthGroups(long rows, int batchSize, boolean joined, long seed, LongToIntFunction tokens) {
    this.rows = rows;
    this.batchSize = batchSize;
    this.windowRows =
        (long) batchSize * Math.max(1, Math.min(WINDOW_BATCHES, WINDOW_ROWS / batchSize));
    this.joined = joined;
    this.seed = seed;
    this.tokens = tokens;
  }

  long at(long epoch, long index) {
    Window window = last;
    if (!window.holds(epoch, index)) {
      window = window(epoch, index);
      last = window;
    }
    return window.entries[(int) (index - window.start)];
  }

  private Window window(long epoch, long index) {
    long head = joined ? Math.min(rows, Math.floorMod(-epoch * rows, (long) batchSize)) : 0;
    long number = Math.max(0, index - head) / windowRows;
    long start = number == 0 ? 0 : head + number * windowRows;
    long end = Math.min(rows, head + (number + 1) * windowRows);
    long[] sorted = longestFirst(epoch, start, end);
    int first = number == 0 ? (int) head : 0;
    int batches = (sorted.length - first) / batchSize;
    long[] entries = sorted.clone();
    if (batches > 1) {
      RowPermutation places = new RowPermutation(batches, mix(seed) + epoch, number);
      for (int batch = 0; batch < batches; batch++) {
        int from = first + (int) places.at(batch) * batchSize;
        System.arraycopy(sorted, from, entries, first + batch * batchSize, batchSize);
      }
    }
    return new Window(epoch, start, entries);
  }

  private long[] longestFirst(long epoch, long start, long end) {
    RowPermutation permutation = new RowPermutation(rows, seed, epoch);
    int count = Math.toIntExact(end - start);
    long[] shuffled = new long[count];
    long[] keys = new long[count];
    for (int i = 0; i < count; i++) {
      shuffled[i] = permutation.at(start + i);
      keys[i] = (long) -tokens.applyAsInt(shuffled[i]) << Integer.SIZE | i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).map(key -> shuffled[(int) key]).toArray();
  }
}
