package io.github.sparklorafa.data;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongToIntFunction;

/**
 * Which rows are trained on in which step, and by which worker: a pure function that every worker
 * computes for itself.
 *
 * <p>Steps, rows, epochs and ranks count from 0. A row is a sequence of {@link TokenSequences}:
 * with packing, several rows of the data. With {@code n} rows and global batch size {@code B}:
 *
 * <ul>
 *   <li><b>For epochs</b> ({@link #forEpochs}) an epoch has {@code ⌈n / B⌉} steps; step {@code j}
 *       of epoch {@code e} trains on the entries {@code j·B … min((j + 1)·B, n) − 1} of the epoch's
 *       order, so the last batch of an epoch may be short and is trained as it is. Every row is
 *       trained exactly once in an epoch. A number of epochs that is not whole is rounded up to
 *       whole steps.
 *   <li><b>For steps</b> ({@link #forSteps}) the orders of the epochs 0, 1, 2, … are joined to one
 *       endless stream, which is cut into full batches: step {@code k} trains on the entries {@code
 *       k·B … (k + 1)·B − 1} of the stream. A batch may reach over the border of two epochs; if
 *       {@code B > n} it holds rows more than once. All batches have {@code B} rows.
 *   <li><b>An epoch's order</b> is {@code 0 … n − 1} for {@link RowOrder#SEQUENTIAL}, so with a
 *       number of steps row {@code (k·B + i) mod n} is the {@code i}-th of step {@code k}; for
 *       {@link RowOrder#SHUFFLED} it is the permutation below, which depends on {@code n}, seed and
 *       epoch only.
 *   <li><b>Among N workers</b> a batch of {@code b} rows is cut into N contiguous parts in the
 *       order of the ranks. The first {@code b mod N} ranks have {@code ⌊b / N⌋ + 1} rows, the
 *       others {@code ⌊b / N⌋}, which is none at all where {@code b < N}. The batch itself does not
 *       depend on N.
 * </ul>
 *
 * <p><b>The permutation</b> is a swap-or-not shuffle of 96 rounds. All arithmetic is on 64 bits,
 * modulo 2⁶⁴, {@code G = 0x9E3779B97F4A7C15}, and {@code mix} is SplitMix64's finaliser:
 *
 * <pre>{@code
 * mix(z):  z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9
 *          z = (z ^ (z >>> 27)) * 0x94D049BB133111EB
 *          return z ^ (z >>> 31)
 *
 * key = mix(mix(seed + G) + (epoch + 1) * G)
 * order[index]:
 *   x = index
 *   for round = 0 .. 95:
 *     pivot   = mix(key + (2 * round + 1) * G) mod n        (unsigned)
 *     salt    = mix(key + (2 * round + 2) * G)
 *     partner = (pivot - x) mod n
 *     if the top bit of mix(salt ^ max(x, partner)) is 1: x = partner
 *   return x
 * }</pre>
 *
 * <p>Each entry is computed by itself, so a step costs time and memory in proportion to its batch
 * and not to the data. Immutable and thread-safe.
 *
 * <p><b>Grouped by length</b> ({@link #groupedByLength}) an epoch's order is the shuffled one,
 * rearranged in windows of {@code 50·B} entries (of the {@code 65536 / B} batches that these
 * entries have, if that is less, but of one at least). Each window is sorted by length, the longest
 * first, equal lengths as they were shuffled. Then its batches change places: batch {@code j} of
 * the {@code c} full ones of window {@code w} in epoch {@code e} is the one that was at {@code
 * order[j]} of the permutation above with {@code n = c}, the seed {@code mix(seed) + e} and the
 * epoch {@code w}; entries behind the last full batch stay. With a number of steps an epoch may
 * begin within a batch: the entries that complete it come before the first window and are sorted
 * with it, but no full batch. Every row still is trained exactly once in an epoch, and nothing
 * depends on N. A step then costs memory in proportion to 50 batches.
 */
public final class BatchOrder {

  private static final long MOST_ENTRIES = 1L << 62;

  private enum Length {
    EPOCHS,
    STEPS
  }

  private final long rows;
  private final int globalBatchSize;
  private final int worldSize;
  private final RowOrder order;
  private final long seed;
  private final Length length;
  private final long steps;
  private final LengthGroups groups;

  private BatchOrder(
      long rows,
      int globalBatchSize,
      int worldSize,
      RowOrder order,
      long seed,
      Length length,
      long steps,
      LengthGroups groups) {
    this.rows = rows;
    this.globalBatchSize = globalBatchSize;
    this.worldSize = worldSize;
    this.order = order;
    this.seed = seed;
    this.length = length;
    this.steps = steps;
    this.groups = groups;
  }

  /**
   * The order of a run over a number of epochs, which need not be whole.
   *
   * @param rows number of rows of the data
   * @param globalBatchSize rows of one step, over all workers
   * @param worldSize number of workers
   * @param seed seed of the shuffle; no matter for {@link RowOrder#SEQUENTIAL}
   * @throws IllegalArgumentException if one of these is not positive
   */
  public static BatchOrder forEpochs(
      long rows, int globalBatchSize, int worldSize, RowOrder order, long seed, double epochs) {
    List<String> problems = problems(rows, globalBatchSize, worldSize);
    if (!(epochs > 0) || epochs * rows > MOST_ENTRIES) {
      problems.add("epochs " + epochs);
    }
    refuse(problems);
    // the small number keeps 1.1 epochs of 10 steps at 11 steps in binary arithmetic
    double steps = Math.ceil(epochs * stepsPerEpoch(rows, globalBatchSize) - 1e-6);
    return new BatchOrder(
        rows,
        globalBatchSize,
        worldSize,
        order,
        seed,
        Length.EPOCHS,
        Math.max(1, (long) steps),
        null);
  }

  /**
   * The order of a run over a number of steps, going round the data as often as needed.
   *
   * @param rows number of rows of the data
   * @param globalBatchSize rows of one step, over all workers
   * @param worldSize number of workers
   * @param seed seed of the shuffle; no matter for {@link RowOrder#SEQUENTIAL}
   * @throws IllegalArgumentException if one of these is not positive
   */
  public static BatchOrder forSteps(
      long rows, int globalBatchSize, int worldSize, RowOrder order, long seed, long steps) {
    List<String> problems = problems(rows, globalBatchSize, worldSize);
    if (steps < 1 || steps > MOST_ENTRIES / Math.max(1, globalBatchSize)) {
      problems.add("steps " + steps);
    }
    refuse(problems);
    return new BatchOrder(rows, globalBatchSize, worldSize, order, seed, Length.STEPS, steps, null);
  }

  /**
   * This order with the rows of each batch of like lengths.
   *
   * @param tokens length of each row, the same for all workers
   * @throws IllegalArgumentException if this order is not shuffled
   */
  public BatchOrder groupedByLength(LongToIntFunction tokens) {
    if (order != RowOrder.SHUFFLED) {
      throw new IllegalArgumentException(
          "Cannot group by length: the order is " + order + " (shuffle the rows)");
    }
    LengthGroups grouped =
        new LengthGroups(rows, globalBatchSize, length == Length.STEPS, seed, tokens);
    return new BatchOrder(rows, globalBatchSize, worldSize, order, seed, length, steps, grouped);
  }

  /** Number of steps of the run, the same on all workers. */
  public long steps() {
    return steps;
  }

  /** Number of workers. */
  public int worldSize() {
    return worldSize;
  }

  /**
   * The rows of a step over all workers, in order.
   *
   * @throws IndexOutOfBoundsException if the run has no such step
   */
  public long[] rows(long step) {
    return entries(step, 0, batchSize(step));
  }

  /**
   * The rows of a step that one worker trains on, in order; none if the batch has too few.
   *
   * @throws IndexOutOfBoundsException if the run has no such step, or no such rank
   */
  public long[] rows(long step, int rank) {
    if (rank < 0 || rank >= worldSize) {
      throw new IndexOutOfBoundsException(
          "Cannot deal rows to rank %d: the world size is %d (ranks count from 0)"
              .formatted(rank, worldSize));
    }
    return entries(step, start(step, rank), start(step, rank + 1));
  }

  /**
   * Where the part of a rank begins among the {@link #rows(long)} of a step; that of the rank after
   * the last is their number.
   */
  public int start(long step, int rank) {
    int size = batchSize(step);
    return rank * (size / worldSize) + Math.min(rank, size % worldSize);
  }

  /**
   * Number of rows of a step over all workers: the global batch size, or less at an epoch's end.
   */
  public int batchSize(long step) {
    checkStep(step);
    if (length == Length.STEPS) {
      return globalBatchSize;
    }
    long first = step % stepsPerEpoch(rows, globalBatchSize) * globalBatchSize;
    return (int) Math.min(globalBatchSize, rows - first);
  }

  /** How often the run has gone through the data once this step is done: 1.0 after one epoch. */
  public double epochAfter(long step) {
    checkStep(step);
    if (length == Length.STEPS) {
      return (step + 1.0) * globalBatchSize / rows;
    }
    long perEpoch = stepsPerEpoch(rows, globalBatchSize);
    long done = Math.min(rows, (step % perEpoch + 1) * globalBatchSize);
    long wholeEpochs = step / perEpoch;
    return wholeEpochs + (double) done / rows;
  }

  private long[] entries(long step, int from, int to) {
    checkStep(step);
    long perEpoch = stepsPerEpoch(rows, globalBatchSize);
    boolean inSteps = length == Length.STEPS;
    long stream =
        inSteps
            ? step * globalBatchSize
            : step / perEpoch * rows + step % perEpoch * globalBatchSize;
    long[] entries = new long[to - from];
    long epoch = -1;
    RowPermutation permutation = null;
    for (int i = 0; i < entries.length; i++) {
      long position = stream + from + i;
      if (order == RowOrder.SEQUENTIAL) {
        entries[i] = position % rows;
        continue;
      }
      if (groups != null) {
        entries[i] = groups.at(position / rows, position % rows);
        continue;
      }
      if (position / rows != epoch) {
        epoch = position / rows;
        permutation = new RowPermutation(rows, seed, epoch);
      }
      entries[i] = permutation.at(position % rows);
    }
    return entries;
  }

  private void checkStep(long step) {
    if (step < 0 || step >= steps) {
      throw new IndexOutOfBoundsException(
          "Cannot order the rows of step %d: the run has the steps 0 to %d (ask for one of them)"
              .formatted(step, steps - 1));
    }
  }

  private static long stepsPerEpoch(long rows, int globalBatchSize) {
    return (rows - 1) / globalBatchSize + 1;
  }

  private static List<String> problems(long rows, int globalBatchSize, int worldSize) {
    List<String> problems = new ArrayList<>();
    if (rows < 1) {
      problems.add("rows " + rows);
    }
    if (globalBatchSize < 1) {
      problems.add("global batch size " + globalBatchSize);
    }
    if (worldSize < 1) {
      problems.add("world size " + worldSize);
    }
    return problems;
  }

  private static void refuse(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot order batches: %s (each must be positive, and not too large to count)"
              .formatted(String.join(", ", problems)));
    }
  }

  @Override
  public String toString() {
    return ("BatchOrder[rows=%d, globalBatchSize=%d, worldSize=%d, order=%s, seed=%d, length=%s,"
            + " steps=%d, groupedByLength=%s]")
        .formatted(rows, globalBatchSize, worldSize, order, seed, length, steps, groups != null);
  }
}
