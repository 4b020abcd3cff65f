package io.github.sparklorafa.data;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Best-fit decreasing: the longest item first, equal ones in their order, each into the bin that it
 * leaves the least space in, among equals the one that was filled last, or else into a new bin.
 *
 * <p>Needs at most 11/9 of the fewest bins, plus one (Johnson 1974); with lengths as texts have
 * them, hardly more than the fewest.
 */
final class BestFit {

  private final int capacity;
  private final int[] binOf;

  /**
   * The last filled bin of each space left, and below each bin the one that it covers, −1 for none.
   * No array over the spaces: a capacity may be far beyond the heap.
   */
  private final TreeMap<Integer, Integer> top = new TreeMap<>();

  private final int[] below;
  private int bins;

  private BestFit(int items, int capacity) {
    this.capacity = capacity;
    this.binOf = new int[items];
    this.below = new int[items];
  }

  /** Packs items of these lengths into bins of this capacity; a longer item fills its own bin. */
  static BestFit of(int[] lengths, int capacity) {
    BestFit fit = new BestFit(lengths.length, capacity);
    for (int item : longestFirst(lengths)) {
      fit.put(item, lengths[item]);
    }
    return fit;
  }

  private static int[] longestFirst(int[] lengths) {
    long[] keys = new long[lengths.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = (long) -lengths[i] << Integer.SIZE | i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }

  private void put(int item, int length) {
    Map.Entry<Integer, Integer> tightest = top.ceilingEntry(length);
    int bin = tightest == null ? bins++ : take(tightest);
    binOf[item] = bin;
    int left = (tightest == null ? capacity : tightest.getKey()) - length;
    if (left > 0) {
      Integer covered = top.put(left, bin);
      below[bin] = covered == null ? -1 : covered;
    }
  }

  private int take(Map.Entry<Integer, Integer> tightest) {
    int bin = tightest.getValue();
    if (below[bin] < 0) {
      top.remove(tightest.getKey());
    } else {
      top.put(tightest.getKey(), below[bin]);
    }
    return bin;
  }

  /**
   * Writes {@code from + item} for all items to {@code target} from the position {@code from} on,
   * bin by bin: the bins by their lowest items, the items of each rising.
   *
   * @return the position after each bin
   */
  int[] group(int[] target, int from) {
    int[] rankOf = new int[bins];
    Arrays.fill(rankOf, -1);
    int[] positions = new int[bins + 1];
    int ranks = 0;
    for (int bin : binOf) {
      if (rankOf[bin] < 0) {
        rankOf[bin] = ranks++;
      }
      positions[rankOf[bin] + 1]++;
    }
    positions[0] = from;
    for (int rank = 0; rank < bins; rank++) {
      positions[rank + 1] += positions[rank];
    }
    for (int item = 0; item < binOf.length; item++) {
      target[positions[rankOf[binOf[item]]]++] = from + item;
    }
    return Arrays.copyOf(positions, bins);
  }
}
