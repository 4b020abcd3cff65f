package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

class ByLengthTest {
  @Test
  void rowsOfLikeLengthAreTogether() {
    assertThat(ByLength.batches(new int[] {5, 1, 0, 4, 2, 5, 0, 1}, 2))
        .containsExactly(List.of(1, 7), List.of(4, 3), List.of(0, 5));
    assertThat(ByLength.batches(new int[] {0, 0}, 2)).isEmpty();
  }

  @Test
  void aPassOfLongRowsHasFewer() {
    assertThat(ByLength.batches(new int[] {2048, 2049, 9000, 1, 2047}, 16))
        .containsExactly(List.of(3, 4, 0), List.of(1), List.of(2));
  }

  @Test
  void rowsKeepTheirOrderAndAreReadAStretchAtATime() {
    List<Integer> read = new ArrayList<>();
    List<Integer> stretches = new ArrayList<>();
    Iterator<Row> rows =
        IntStream.range(0, 20)
            .mapToObj(
                i -> {
                  read.add(i);
                  return RowFactory.create(i);
                })
            .iterator();
    Iterator<Row> mapped =
        ByLength.stretches(
            rows,
            1,
            stretch -> {
              stretches.add(stretch.size());
              return stretch.stream().map(row -> Rows.with(row, -row.getInt(0))).toList();
            });
    assertThat(mapped.hasNext()).isTrue();
    assertThat(stretches).isEmpty();
    assertThat(mapped.next()).isEqualTo(RowFactory.create(0, 0));
    assertThat(stretches).containsExactly(8);
    assertThat(read).hasSizeLessThan(10);
    assertThat(mapped)
        .toIterable()
        .extracting(row -> row.getInt(1))
        .containsExactlyElementsOf(IntStream.range(1, 20).map(i -> -i).boxed().toList());
    assertThat(stretches).containsExactly(8, 8, 4);
    assertThatThrownBy(mapped::next).isInstanceOf(NoSuchElementException.class);
  }
}
