package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.spark.plugin.LoraFaPlugin;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionsTest {
  private static final String OURS = LoraFaPlugin.class.getName();

  @Test
  void trainingIsShown() {
    assertThat(Sessions.plugged(new SparkConf(false)).get("spark.plugins")).isEqualTo(OURS);
  }

  /** O stands for ours. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"a.B|a.B,O", "a.B, c.D|a.B,c.D,O", "O|O", "O,a.B|a.B,O"})
  void otherPluginsStay(String given, String expected) {
    SparkConf conf = new SparkConf(false).set("spark.plugins", given.replace("O", OURS));

    assertThat(Sessions.plugged(conf).get("spark.plugins")).isEqualTo(expected.replace("O", OURS));
  }
}
