package io.github.sparklorafa.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.examples.Translation.Result;
import java.net.URI;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("spark")
class TranslationTest {
  private static final String DATA =
      System.getProperty("spark-lorafa.repository") + "/examples/data/translation";

  /** Fewer steps than the program's. */
  @Test
  void learnsTheGrammar(@TempDir Path folder) {
    try (SparkSession spark = LocalSpark.open(folder)) {
      Result result = Translation.run(spark, DATA, folder.toUri().toString(), 200);

      assertThat(result.before().exact()).isZero();
      assertThat(result.after().bleu()).isGreaterThan(10 + result.before().bleu());
      assertThat(Path.of(URI.create(result.model().folder())).resolve("adapter_config.json"))
          .isNotEmptyFile();
    }
  }
}
