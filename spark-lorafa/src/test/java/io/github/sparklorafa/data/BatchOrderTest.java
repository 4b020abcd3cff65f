package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BatchOrderTest {

  @Test
  void sequentialStepsGoRoundTheData() {
    BatchOrder order = BatchOrder.forSteps(5, 3, 1, RowOrder.SEQUENTIAL, 42, 4);

    assertThat(order.steps()).isEqualTo(4);
    assertThat(order.rows(0)).containsExactly(0, 1, 2);
    assertThat(order.rows(1)).containsExactly(3, 4, 0);
    assertThat(order.rows(2)).containsExactly(1, 2, 3);
    assertThat(order.rows(3)).containsExactly(4, 0, 1);
    assertThat(order.epochAfter(3)).isEqualTo(12 / 5.0);
  }

  @Test
  void aBatchLargerThanTheDataGoesRoundMoreThanOnce() {
    BatchOrder order = BatchOrder.forSteps(2, 5, 1, RowOrder.SEQUENTIAL, 42, 2);

    assertThat(order.rows(0)).containsExactly(0, 1, 0, 1, 0);
    assertThat(order.rows(1)).containsExactly(1, 0, 1, 0, 1);
  }

  @Test
  void theLastBatchOfAnEpochIsShort() {
    BatchOrder order = BatchOrder.forEpochs(5, 3, 1, RowOrder.SEQUENTIAL, 42, 2);

    assertThat(order.steps()).isEqualTo(4);
    assertThat(order.rows(0)).containsExactly(0, 1, 2);
    assertThat(order.rows(1)).containsExactly(3, 4);
    assertThat(order.rows(2)).containsExactly(0, 1, 2);
    assertThat(order.rows(3)).containsExactly(3, 4);
    assertThat(order.batchSize(2)).isEqualTo(3);
    assertThat(order.batchSize(3)).isEqualTo(2);
    assertThat(LongStream.range(0, 4).mapToObj(order::epochAfter))
        .containsExactly(3 / 5.0, 1.0, 1 + 3 / 5.0, 2.0);
  }

  @Test
  void aFractionOfAnEpochIsRoundedUpToSteps() {
    assertThat(BatchOrder.forEpochs(100, 10, 1, RowOrder.SHUFFLED, 1, 0.25).steps()).isEqualTo(3);
    assertThat(BatchOrder.forEpochs(100, 10, 1, RowOrder.SHUFFLED, 1, 1.1).steps()).isEqualTo(11);
    assertThat(BatchOrder.forEpochs(100, 10, 1, RowOrder.SHUFFLED, 1, 1e-9).steps()).isEqualTo(1);
  }

  @Test
  void everyRowIsTrainedOnceInAnEpoch() {
    Random random = new Random(1);
    for (int trial = 0; trial < 200; trial++) {
      int rows = 1 + random.nextInt(300);
      BatchOrder order =
          BatchOrder.forEpochs(
              rows, 1 + random.nextInt(40), 3, RowOrder.SHUFFLED, random.nextLong(), 2);
      List<Long> trained = new ArrayList<>();
      for (long step = 0; step < order.steps(); step++) {
        Arrays.stream(order.rows(step)).forEach(trained::add);
      }
      assertThat(trained).hasSize(2 * rows);
      assertThat(trained.subList(0, rows))
          .doesNotHaveDuplicates()
          .allMatch(r -> r >= 0 && r < rows);
      assertThat(trained.subList(rows, 2 * rows)).doesNotHaveDuplicates();
    }
  }

  @Test
  void shuffledStepsCutTheEpochsOrdersIntoFullBatches() {
    BatchOrder epochs = BatchOrder.forEpochs(7, 7, 1, RowOrder.SHUFFLED, 42, 3);
    BatchOrder steps = BatchOrder.forSteps(7, 4, 1, RowOrder.SHUFFLED, 42, 5);

    long[] stream = LongStream.range(0, 3).flatMap(e -> Arrays.stream(epochs.rows(e))).toArray();
    for (int step = 0; step < 5; step++) {
      assertThat(steps.rows(step))
          .containsExactly(Arrays.copyOfRange(stream, 4 * step, 4 * step + 4));
    }
  }

  @Test
  void theRanksPartsJoinToTheBatchWhateverTheirNumber() {
    Random random = new Random(2);
    for (int trial = 0; trial < 200; trial++) {
      int rows = 1 + random.nextInt(100);
      int batch = 1 + random.nextInt(20);
      long seed = random.nextLong();
      BatchOrder single = BatchOrder.forEpochs(rows, batch, 1, RowOrder.SHUFFLED, seed, 1.5);
      int size = 1 + random.nextInt(12);
      BatchOrder many = BatchOrder.forEpochs(rows, batch, size, RowOrder.SHUFFLED, seed, 1.5);
      assertThat(many.steps()).isEqualTo(single.steps());
      for (long step = 0; step < many.steps(); step++) {
        long now = step;
        List<long[]> parts = new ArrayList<>();
        for (int rank = 0; rank < size; rank++) {
          parts.add(many.rows(now, rank));
        }
        assertThat(parts.stream().flatMapToLong(Arrays::stream).toArray())
            .containsExactly(single.rows(now));
        int smallest = parts.get(size - 1).length;
        assertThat(parts.get(0).length - smallest).isBetween(0, 1);
      }
    }
  }

  @Test
  void ranksAreWithoutRowsWhereTheBatchHasTooFew() {
    BatchOrder order = BatchOrder.forSteps(10, 2, 4, RowOrder.SEQUENTIAL, 42, 1);

    assertThat(order.rows(0, 0)).containsExactly(0);
    assertThat(order.rows(0, 1)).containsExactly(1);
    assertThat(order.rows(0, 2)).isEmpty();
    assertThat(order.rows(0, 3)).isEmpty();
  }

  @Test
  void theOrderDependsOnSeedAndEpoch() {
    BatchOrder one = BatchOrder.forEpochs(50, 50, 1, RowOrder.SHUFFLED, 1, 2);
    BatchOrder other = BatchOrder.forEpochs(50, 50, 1, RowOrder.SHUFFLED, 2, 2);

    assertThat(one.rows(0)).isNotEqualTo(one.rows(1)).isNotEqualTo(other.rows(0));
    assertThat(one.rows(0))
        .isEqualTo(BatchOrder.forEpochs(50, 50, 1, RowOrder.SHUFFLED, 1, 9).rows(0));
  }

  @Test
  void thePermutationIsTheOneOfTheJavadoc() {
    for (JsonNode reference : Reference.json("batch-order.json")) {
      RowPermutation permutation =
          new RowPermutation(
              reference.get("rows").asLong(),
              reference.get("seed").asLong(),
              reference.get("epoch").asLong());
      for (int i = 0; i < reference.get("indexes").size(); i++) {
        assertThat(permutation.at(reference.get("indexes").get(i).asLong()))
            .as("%s at %d", reference, i)
            .isEqualTo(reference.get("order").get(i).asLong());
      }
    }
  }

  @Test
  void allPermutationsOfAFewRowsAreEquallyLikely() {
    int seeds = 24_000;
    int[] counts = new int[256];
    for (int seed = 0; seed < seeds; seed++) {
      RowPermutation permutation = new RowPermutation(4, seed, 0);
      int code = 0;
      for (int i = 0; i < 4; i++) {
        code = 4 * code + (int) permutation.at(i);
      }
      counts[code]++;
    }
    assertThat(Arrays.stream(counts).filter(c -> c > 0)).hasSize(24);
    double chiSquare =
        Arrays.stream(counts)
            .filter(c -> c > 0)
            .mapToDouble(c -> Math.pow(c - 1000, 2) / 1000)
            .sum();
    assertThat(chiSquare).isLessThan(58); // 23 degrees of freedom: once in 10,000 by chance
  }

  @Test
  void neighboursAreSpreadOverBillionsOfRowsWithoutMemory() {
    long rows = 3_000_000_000L;
    BatchOrder order = BatchOrder.forEpochs(rows, 50_000, 2, RowOrder.SHUFFLED, 7, 1);

    long[] batch = order.rows(order.steps() / 2);
    assertThat(batch).doesNotHaveDuplicates();
    assertThat(Arrays.stream(batch).average().orElseThrow() / rows).isCloseTo(0.5, within(0.01));
    long gaps =
        LongStream.range(1, batch.length).filter(i -> batch[(int) i] > batch[(int) i - 1]).count();
    assertThat((double) gaps / batch.length).isCloseTo(0.5, within(0.02));
  }

  @Test
  void impossibleNumbersAreRefusedTogether() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BatchOrder.forEpochs(0, -1, 0, RowOrder.SHUFFLED, 1, Double.NaN))
        .withMessageContainingAll("rows 0", "global batch size -1", "world size 0", "epochs NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BatchOrder.forSteps(1, 1, 1, RowOrder.SHUFFLED, 1, 0))
        .withMessageContaining("steps 0");
    BatchOrder order = BatchOrder.forSteps(1, 1, 1, RowOrder.SHUFFLED, 1, 3);
    assertThatThrownBy(() -> order.rows(3))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("steps 0 to 2");
    assertThatThrownBy(() -> order.rows(0, 1)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
