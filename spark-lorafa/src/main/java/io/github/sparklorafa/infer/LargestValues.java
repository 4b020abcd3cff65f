package io.github.sparklorafa.infer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The largest of many numbers, and where they were; of equal ones those that came first. */
final class LargestValues {
  private static final Comparator<Entry> ORDER =
      Comparator.comparing(Entry::value).thenComparing(Entry::at, Comparator.reverseOrder());

  private final int count;
  private final PriorityQueue<Entry> smallestFirst;

  LargestValues(int count) {
    this.count = count;
    this.smallestFirst = new PriorityQueue<>(count + 1, ORDER);
  }

  /** A number and where it was. */
  record Entry(float value, long at) {}

  void offer(float value, long at) {
    if (smallestFirst.size() < count) {
      smallestFirst.add(new Entry(value, at));
    } else if (value > smallestFirst.peek().value()) {
      smallestFirst.poll();
      smallestFirst.add(new Entry(value, at));
    }
  }

  /** At most as many as asked for, the largest first. */
  List<Entry> descending() {
    List<Entry> entries = new ArrayList<>(smallestFirst);
    entries.sort(ORDER.reversed());
    return entries;
  }
}
