package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.train.DataFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SourceLibraryTest {
  /** What users are told to add is what the tests read with. */
  @ParameterizedTest
  @EnumSource(
      value = DataFormat.class,
      names = {"AVRO", "DELTA", "ICEBERG"})
  void namesTheVersionThatIsTested(DataFormat format) {
    List<String> parts =
        List.of(SourceLibrary.of(format).orElseThrow().coordinates("3.5.5").split(":"));

    assertThat(parts).hasSize(3);
    assertThat(System.getProperty("java.class.path"))
        .contains("/" + parts.get(1) + "-" + parts.get(2) + ".jar");
  }
}
