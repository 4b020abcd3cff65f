package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PackedSequencesTest {

  /** Rows of given lengths, of zeros. */
  private record Lengths(int... lengths) implements TokenStore {
    @Override
    public long rows() {
      return lengths.length;
    }

    @Override
    public long tokens() {
      return Arrays.stream(lengths).asLongStream().sum();
    }

    @Override
    public long lossTerms() {
      return tokens() - rows();
    }

    @Override
    public int longest() {
      return Arrays.stream(lengths).max().orElse(0);
    }

    @Override
    public RowsChecksum checksum() {
      return RowsChecksum.EMPTY;
    }

    @Override
    public int length(long row) {
      return lengths[(int) row];
    }

    @Override
    public Example example(long row) {
      return Example.of(new int[lengths[(int) row]]);
    }
  }

  @Test
  void theLongestRowGoesWhereItLeavesTheLeastSpace() {
    // 7 and 6 open a sequence each, 4 fills that of the 6 and 3 that of the 7
    PackedSequences packed = PackedSequences.of(new Lengths(1, 7, 2, 6, 3, 4, 1), 10);

    assertThat(rows(packed)).containsExactly(List.of(0, 2, 6), List.of(1, 4), List.of(3, 5));
  }

  /** Arrays over its spaces would be 8 GB. */
  @Test
  void aCapacityBeyondTheHeapTakesAllRowsOfAWindow() {
    PackedSequences packed = PackedSequences.of(new Lengths(1, 7, 2, 0, 7), 2_000_000_000);

    assertThat(rows(packed)).containsExactly(List.of(0, 1, 2, 3, 4));
  }

  @Test
  void rowsKeepTheirDocuments() {
    TokenStore store =
        TokenStore.of(List.of(Example.of(1, 2, 3), Example.of(4), Example.of(5, 6, 7, 8)));
    TokenSequences packed = TokenSequences.packed(store, 5);

    assertThat(packed.count()).isEqualTo(2);
    assertThat(packed.documents(0)).containsExactly(Example.of(1, 2, 3));
    assertThat(packed.documents(1)).containsExactly(Example.of(4), Example.of(5, 6, 7, 8));
    assertThat(packed.tokens(1)).isEqualTo(5);
    assertThat(packed.summary())
        .isEqualTo("Packed 3 rows into 2 sequences of at most 5 tokens, 80.0 % full");
    TokenBatch batch = MicroBatches.of(packed, new long[] {1, 0}, 2).get(0);
    assertThat(batch.offsets()).containsExactly(0, 1, 5, 8);
    assertThat(batch.targets()).containsExactly(-100, 6, 7, 8, -100, 2, 3, -100);
    assertThat(MicroBatches.of(packed, new long[] {1, 0}, 1)).hasSize(2);
  }

  @Test
  void isBestFitDecreasingOfEachWindow() {
    Random random = new Random(3);
    for (int trial = 0; trial < 300; trial++) {
      int capacity = 1 + random.nextInt(60);
      int[] lengths = random.ints(random.nextInt(80), 1, 70).toArray();
      PackedSequences packed = PackedSequences.of(new Lengths(lengths), capacity);
      assertThat(rows(packed)).isEqualTo(bestFit(lengths, capacity));
    }
  }

  @Test
  void holdsEveryRowOnceAndNeverMoreThanItsCapacity() {
    int[] lengths = textLengths(3 * PackedSequences.WINDOW + 17, 512);
    PackedSequences packed = PackedSequences.of(new Lengths(lengths), 512);

    List<Integer> all = new ArrayList<>();
    for (long s = 0; s < packed.count(); s++) {
      assertThat(packed.tokens(s)).isBetween(1, 512);
      long[] rows = packed.rows(s);
      assertThat(rows[0] / PackedSequences.WINDOW)
          .as("a window is packed by itself")
          .isEqualTo(rows[rows.length - 1] / PackedSequences.WINDOW);
      Arrays.stream(rows).forEach(row -> all.add((int) row));
    }
    assertThat(all).hasSize(lengths.length).doesNotHaveDuplicates();
    long tokens = Arrays.stream(lengths).asLongStream().sum();
    assertThat((double) tokens / (512 * packed.count())).isGreaterThan(0.998);
    assertThat(packed.summary())
        .isEqualTo("Packed 196,625 rows into 56,402 sequences of at most 512 tokens, 99.9 % full");
  }

  @Test
  void rowsLongerThanTheCapacityAreAlone() {
    PackedSequences packed = PackedSequences.of(new Lengths(3, 20, 3, 11, 4), 10);

    assertThat(rows(packed)).containsExactly(List.of(0, 2, 4), List.of(1), List.of(3));
    assertThat(packed.tokens(1)).isEqualTo(20);
  }

  @Test
  void nothingToPackAndNowhereToPackIt() {
    assertThat(PackedSequences.of(new Lengths(), 10).count()).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PackedSequences.of(new Lengths(3), 0))
        .withMessageStartingWith("Cannot pack: 1 rows into sequences of 0 tokens");
  }

  /** Best-fit decreasing in its plainest form. */
  private static List<List<Integer>> bestFit(int[] lengths, int capacity) {
    List<List<Integer>> bins = new ArrayList<>();
    List<Integer> left = new ArrayList<>();
    List<Integer> filled = new ArrayList<>(); // when
    int time = 0;
    List<Integer> order =
        IntStream.range(0, lengths.length)
            .boxed()
            .sorted(Comparator.comparing(item -> -lengths[item]))
            .toList();
    for (int item : order) {
      int best = -1;
      for (int bin = 0; bin < bins.size(); bin++) {
        boolean fits = left.get(bin) >= lengths[item];
        boolean closer =
            best < 0
                || left.get(bin) < left.get(best)
                || (left.get(bin).equals(left.get(best)) && filled.get(bin) > filled.get(best));
        best = fits && closer ? bin : best;
      }
      if (best < 0) {
        best = bins.size();
        bins.add(new ArrayList<>());
        left.add(capacity);
        filled.add(0);
      }
      bins.get(best).add(item);
      left.set(best, left.get(best) - lengths[item]);
      filled.set(best, time++);
    }
    bins.forEach(bin -> bin.sort(Comparator.naturalOrder()));
    bins.sort(Comparator.comparing(bin -> bin.get(0)));
    return bins;
  }

  /** Log-normal as those of chats are, about 150 tokens, cut to a longest. */
  private static int[] textLengths(int count, int longest) {
    Random random = new Random(7);
    return IntStream.range(0, count)
        .map(i -> (int) Math.min(longest, 1 + Math.exp(4.7 + 0.8 * random.nextGaussian())))
        .toArray();
  }

  private static List<List<Integer>> rows(PackedSequences packed) {
    List<List<Integer>> rows = new ArrayList<>();
    for (long s = 0; s < packed.count(); s++) {
      rows.add(Arrays.stream(packed.rows(s)).mapToObj(row -> (int) row).toList());
    }
    return rows;
  }
}
