package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemorySizeTest {
  @ParameterizedTest
  @CsvSource({"24g, 25769803776", "24GB, 25769803776", "1536m, 1610612736", "7k, 7168"})
  void readsSparksSizes(String text, long bytes) {
    assertThat(MemorySize.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({"24g", "1536m", "7k", "2t"})
  void writesWhatItReads(String text) {
    assertThat(MemorySize.text(MemorySize.parse(text))).isEqualTo(text);
  }

  @Test
  void nothingIsNothing() {
    assertThat(MemorySize.parse("")).isZero();
    assertThat(MemorySize.text(0)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"24", "g", "-1g", "1.5g", "24 g", "9999999999g"})
  void refusesWhatIsNoSize(String text) {
    assertThatThrownBy(() -> MemorySize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot read memory: " + text + " (");
  }
}
