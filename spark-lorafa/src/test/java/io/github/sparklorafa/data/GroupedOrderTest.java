package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class GroupedOrderTest {

  /** The lengths of make_grouped_order.py, from 1 to 97. */
  private static int length(long row) {
    return (int) (1 + (row * row * 31 + 7 * row) % 97);
  }

  @Test
  void theOrderIsTheOneOfTheJavadoc() {
    for (JsonNode reference : Reference.json("grouped-order.json")) {
      LengthGroups groups =
          new LengthGroups(
              reference.get("rows").asLong(),
              reference.get("batch").asInt(),
              reference.get("joined").asBoolean(),
              reference.get("seed").asLong(),
              GroupedOrderTest::length);
      int[] expected = Reference.ints(reference.get("order"));
      assertThat(
              IntStream.range(0, expected.length)
                  .map(i -> (int) groups.at(reference.get("epoch").asLong(), i)))
          .as("%s", reference)
          .containsExactly(Arrays.stream(expected).boxed().toArray(Integer[]::new));
    }
  }

  @Test
  void everyRowIsTrainedOnceInAnEpoch() {
    Random random = new Random(1);
    for (int trial = 0; trial < 100; trial++) {
      int rows = 1 + random.nextInt(700);
      int batch = 1 + random.nextInt(12);
      long seed = random.nextLong();
      BatchOrder epochs = epochs(rows, batch, 1, seed);
      List<Long> trained = new ArrayList<>();
      LongStream.range(0, epochs.steps()).forEach(s -> boxed(epochs.rows(s), trained));
      assertThat(trained).hasSize(2 * rows);
      assertThat(trained.subList(0, rows)).doesNotHaveDuplicates();
      assertThat(trained.subList(rows, 2 * rows)).doesNotHaveDuplicates();

      int steps = 3 * rows / batch + 1;
      BatchOrder stream =
          BatchOrder.forSteps(rows, batch, 1, RowOrder.SHUFFLED, seed, steps)
              .groupedByLength(GroupedOrderTest::length);
      List<Long> streamed = new ArrayList<>();
      LongStream.range(0, steps).forEach(s -> boxed(stream.rows(s), streamed));
      for (int from = 0; from + rows <= streamed.size(); from += rows) {
        assertThat(streamed.subList(from, from + rows)).doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void theRanksPartsJoinToTheSameBatchWhateverTheirNumber() {
    BatchOrder single = epochs(333, 8, 1, 5);
    for (int workers : new int[] {2, 3, 11}) {
      BatchOrder many = epochs(333, 8, workers, 5);
      for (long step = 0; step < single.steps(); step++) {
        List<Long> joined = new ArrayList<>();
        for (int rank = 0; rank < workers; rank++) {
          boxed(many.rows(step, rank), joined);
        }
        assertThat(joined)
            .containsExactlyElementsOf(Arrays.stream(single.rows(step)).boxed().toList());
      }
    }
  }

  @Test
  void batchesAreOfLikeLengthsAndInNoOrderOfThem() {
    BatchOrder grouped = epochs(4000, 8, 1, 5);
    BatchOrder shuffled = BatchOrder.forEpochs(4000, 8, 1, RowOrder.SHUFFLED, 5, 2);

    assertThat(meanSpread(shuffled)).isGreaterThan(60);
    assertThat(meanSpread(grouped)).isLessThan(4);
    long rising =
        LongStream.range(1, grouped.steps())
            .filter(s -> length(grouped.rows(s)[0]) > length(grouped.rows(s - 1)[0]))
            .count();
    assertThat((double) rising / grouped.steps()).isBetween(0.4, 0.6);
    assertThat(grouped.rows(0)).isNotEqualTo(grouped.rows(500));
  }

  @Test
  void batchesOfAStreamAreWholeAcrossEpochs() {
    BatchOrder stream =
        BatchOrder.forSteps(4001, 8, 1, RowOrder.SHUFFLED, 5, 1500)
            .groupedByLength(GroupedOrderTest::length);

    assertThat(meanSpread(stream)).isLessThan(4);
  }

  @Test
  void rowsInTheirOwnOrderAreNotGrouped() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                BatchOrder.forSteps(5, 2, 1, RowOrder.SEQUENTIAL, 5, 3)
                    .groupedByLength(GroupedOrderTest::length))
        .withMessage("Cannot group by length: the order is SEQUENTIAL (shuffle the rows)");
  }

  private static BatchOrder epochs(int rows, int batch, int workers, long seed) {
    return BatchOrder.forEpochs(rows, batch, workers, RowOrder.SHUFFLED, seed, 2)
        .groupedByLength(GroupedOrderTest::length);
  }

  /** Longest less shortest row of a batch, on average. */
  private static double meanSpread(BatchOrder order) {
    return LongStream.range(0, order.steps())
        .mapToObj(order::rows)
        .mapToInt(
            rows ->
                Arrays.stream(rows).mapToInt(GroupedOrderTest::length).max().orElseThrow()
                    - Arrays.stream(rows).mapToInt(GroupedOrderTest::length).min().orElseThrow())
        .average()
        .orElseThrow();
  }

  private static void boxed(long[] rows, List<Long> target) {
    Arrays.stream(rows).forEach(target::add);
  }
}
