package io.github.sparklorafa.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SequencesTest {
  @Test
  void positionsStartAgainInEachSequence() {
    Sequences sequences = new Sequences(0, 3, 4, 6);
    assertThat(sequences.count()).isEqualTo(3);
    assertThat(sequences.tokens()).isEqualTo(6);
    assertThat(sequences.start(1)).isEqualTo(3);
    assertThat(sequences.length(2)).isEqualTo(2);
    assertThat(sequences.positions()).containsExactly(0, 1, 2, 0, 0, 1);
  }

  static Stream<int[]> wrong() {
    return Stream.of(new int[] {}, new int[] {1, 2}, new int[] {0, 2, 2}, new int[] {0, 3, 1});
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void refusesOffsetsThatDoNotRiseFromZero(int[] offsets) {
    assertThatThrownBy(() -> new Sequences(offsets))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot lay out sequences: offsets");
  }
}
