package io.github.sparklorafa.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("spark")
class TranslationTest {
  private static final String DATA =
      System.getProperty("spark-lorafa.repository") + "/examples/data/translation";

  private static final String SCORE = "^%s: +BLEU ([\\d.]+), ([\\d.]+) %% exactly right";
  private static final String ADAPTER = "The adapter is in ";

  /** Fewer steps than the program's. */
  @Test
  void learnsTheGrammar(@TempDir Path folder) {
    Printed printed;
    // The program ends the session that it finds.
    try (SparkSession unused = LocalSpark.open(folder)) {
      printed =
          Printed.by(() -> Translation.main(new String[] {DATA, folder.toUri().toString(), "200"}));
    }

    List<Double> before = printed.numbers(SCORE.formatted("before"));
    assertThat(before.get(1)).isZero();
    assertThat(printed.numbers(SCORE.formatted("after")).get(0)).isGreaterThan(10 + before.get(0));
    String adapter =
        printed.text().lines().filter(line -> line.startsWith(ADAPTER)).findFirst().orElseThrow();
    assertThat(Path.of(URI.create(adapter.substring(ADAPTER.length()))))
        .isDirectoryContaining("glob:**adapter_config.json");
  }
}
