package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.spark.stage.NumberedRows.Ranges;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class NumberedRowsTest {
  @Test
  void givesEachSlotWorkButNoTaskLessThanARow() {
    assertThat(NumberedRows.tasks(0, 4, 16)).isEqualTo(1);
    assertThat(NumberedRows.tasks(3, 4, 16)).isEqualTo(3);
    assertThat(NumberedRows.tasks(60, 4, 16)).isEqualTo(4);
    assertThat(NumberedRows.tasks(160, 4, 16)).isEqualTo(10);
    assertThat(NumberedRows.tasks(1_000_000, 4, 16)).isEqualTo(16);
  }

  @Test
  void dealsRowsOutInRangesOfOneLength() {
    Ranges ranges = new Ranges(10, 3);
    assertThat(LongStream.range(0, 10).mapToInt(ranges::getPartition))
        .containsExactly(0, 0, 0, 0, 1, 1, 1, 2, 2, 2);
    assertThat(new Ranges(0, 2).getPartition(5L)).isEqualTo(1);
  }
}
