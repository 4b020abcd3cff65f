package io.github.sparklorafa.data;

import java.util.Arrays;
import java.util.BitSet;

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

  /** Bins by the space that they have left: the last filled, and what it covers; −1 for none. */
  private final int[] top;

  private final int[] below;
  private final BitSet spaces = new BitSet();
  private int bins;

  private BestFit(int items, int capacity) {
    this.capacity = capacity;
    this.binOf = new int[items];
    this.top = new int[capacity];
    this.below = new int[items];
    Arrays.fill(top, -1);
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
    int space = spaces.nextSetBit(length);
    int bin = space < 0 ? bins++ : take(space);
    binOf[item] = bin;
    int left = (space < 0 ? capacity : space) - length;
    if (left > 0) {
      below[bin] = top[left];
      top[left] = bin;
      spaces.set(left);
    }
  }

  private int take(int space) {
    int bin = top[space];
    top[space] = below[bin];
    spaces.set(space, top[space] >= 0);
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
