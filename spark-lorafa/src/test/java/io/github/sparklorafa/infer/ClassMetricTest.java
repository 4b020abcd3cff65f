package io.github.sparklorafa.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Expected values are worked out by hand. */
class ClassMetricTest {
  /** Right: 0 0 0 1 1 2; predicted: 0 0 1 1 0 2; class 3 occurs nowhere. */
  private static ClassCounts oneClassARow() {
    ClassCounts counts = ClassCounts.none(4);
    int[][] rows = {{0, 0}, {0, 0}, {1, 0}, {1, 1}, {0, 1}, {2, 2}};
    for (int[] row : rows) {
      counts.add(row[0], row[1]);
    }
    return counts;
  }

  @Test
  void countsOneClassARow() {
    ClassCounts counts = oneClassARow();
    assertThat(ClassMetric.ACCURACY.value(counts)).isEqualTo(4 / 6.0);
    // F1 of class 0: 2·2 / (2·2 + 1 + 1); of 1: 2·1 / (2·1 + 1 + 1); of 2: 1
    assertThat(ClassMetric.F1.value(counts)).isCloseTo((4 / 6.0 + 0.5 + 1) / 3, within(1e-15));
    assertThat(ClassMetric.F1_MICRO.value(counts)).isEqualTo(4 / 6.0);
  }

  @Test
  void countsSeveralClassesARow() {
    ClassCounts counts = ClassCounts.none(3);
    counts.add(new boolean[] {true, false, true}, new boolean[] {true, false, true});
    counts.add(new boolean[] {true, true, false}, new boolean[] {true, false, false});
    counts.add(new boolean[] {false, false, false}, new boolean[] {false, false, true});
    counts.add(new boolean[] {false, false, false}, new boolean[] {false, false, false});
    assertThat(ClassMetric.ACCURACY.value(counts)).isEqualTo(0.5);
    // class 0: 2 right; class 1: 1 wrong; class 2: 1 right, 1 missing
    assertThat(ClassMetric.F1.value(counts)).isCloseTo((1 + 0 + 2 / 3.0) / 3, within(1e-15));
    assertThat(ClassMetric.F1_MICRO.value(counts)).isEqualTo(2 * 3 / (2 * 3 + 1 + 1.0));
  }

  @Test
  void sumsOfNumbersAreThoseOfAllRows() {
    ClassCounts first = ClassCounts.none(2);
    ClassCounts second = ClassCounts.none(2);
    ClassCounts both = ClassCounts.none(2);
    first.add(0, 1);
    second.add(1, 1);
    both.add(0, 1);
    both.add(1, 1);
    long[] sums = first.numbers();
    for (int i = 0; i < sums.length; i++) {
      sums[i] += second.numbers()[i];
    }
    assertThat(sums).isEqualTo(both.numbers());
    assertThat(ClassMetric.F1.value(ClassCounts.of(sums))).isEqualTo((2 / 3.0) / 2);
  }

  @Test
  void nothingWithoutRows() {
    for (ClassMetric metric : ClassMetric.values()) {
      assertThat(metric.value(ClassCounts.none(2))).as(metric.text()).isNaN();
    }
  }
}
