package io.github.sparklorafa.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Rows packed into sequences of at most {@code capacity} tokens.
 *
 * <p>Each window of 65,536 rows is packed by itself, best-fit decreasing (see {@link BestFit}). The
 * sequences are numbered by window, then by their lowest row; the rows of a sequence rise. A row
 * longer than the capacity has a sequence of its own. The heap holds 4 bytes a row and 4 a
 * sequence.
 */
final class PackedSequences implements TokenSequences {

  static final int WINDOW = 1 << 16;

  private static final long MOST_ROWS = Integer.MAX_VALUE - 8; // of an array

  private final TokenStore store;
  private final int capacity;
  private final int[] rows;
  private final int[] starts;

  private PackedSequences(TokenStore store, int capacity, int[] rows, int[] starts) {
    this.store = store;
    this.capacity = capacity;
    this.rows = rows;
    this.starts = starts;
  }

  static PackedSequences of(TokenStore store, int capacity) {
    if (capacity < 1 || store.rows() > MOST_ROWS) {
      throw new IllegalArgumentException(
          ("Cannot pack: %d rows into sequences of %d tokens (use a positive length, at most %d"
                  + " rows, or no packing)")
              .formatted(store.rows(), capacity, MOST_ROWS));
    }
    int[] rows = new int[(int) store.rows()];
    int[] starts = new int[1024];
    int count = 0;
    for (int from = 0; from < rows.length; from += Math.min(WINDOW, rows.length - from)) {
      int[] lengths = new int[Math.min(WINDOW, rows.length - from)];
      for (int i = 0; i < lengths.length; i++) {
        lengths[i] = store.length(from + i);
      }
      BestFit fit = BestFit.of(lengths, capacity);
      int[] ends = fit.group(rows, from);
      if (count + ends.length + 1 > starts.length) {
        starts = Arrays.copyOf(starts, Math.min(rows.length + 1, 2 * starts.length + ends.length));
      }
      for (int end : ends) {
        count++;
        starts[count] = end;
      }
    }
    return new PackedSequences(store, capacity, rows, Arrays.copyOf(starts, count + 1));
  }

  @Override
  public long count() {
    return starts.length - 1;
  }

  @Override
  public int tokens(long sequence) {
    int tokens = 0;
    for (long row : rows(sequence)) {
      tokens += store.length(row);
    }
    return tokens;
  }

  @Override
  public List<Example> documents(long sequence) {
    List<Example> documents = new ArrayList<>();
    for (long row : rows(sequence)) {
      documents.add(store.example(row));
    }
    return documents;
  }

  @Override
  public String summary() {
    return String.format(
        Locale.ROOT,
        "Packed %,d rows into %,d sequences of at most %,d tokens, %.1f %% full",
        rows.length,
        count(),
        capacity,
        100.0 * store.tokens() / count() / capacity);
  }

  @Override
  public long[] rows(long sequence) {
    int index = (int) Objects.checkIndex(sequence, count());
    return Arrays.stream(rows, starts[index], starts[index + 1]).asLongStream().toArray();
  }
}
