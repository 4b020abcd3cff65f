package io.github.sparklorafa.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("spark")
class SentimentPipelineTest {
  private static final String DATA =
      System.getProperty("spark-lorafa.repository") + "/examples/data/sentiment";

  @Test
  void knowsPraiseThatNoTrainingReviewHas(@TempDir Path folder) {
    Printed printed;
    // The program ends the session that it finds.
    try (SparkSession unused = LocalSpark.open(folder)) {
      printed = Printed.by(() -> SentimentPipeline.main(new String[] {DATA, folder.toString()}));
    }

    double low = printed.numbers("^Cross validation, learning rate 1.0E-5: ([\\d.]+) %").get(0);
    double high = printed.numbers("^Cross validation, learning rate 0.01: ([\\d.]+) %").get(0);
    assertThat(high).as("the higher learning rate wins").isGreaterThan(70).isGreaterThan(low);
    assertThat(printed.numbers("^A bag of words: +([\\d.]+) %").get(0))
        .as("a guess")
        .isBetween(35.0, 65.0);
    double heldOut = printed.numbers("^RoBERTa with LoRA-FA: +([\\d.]+) %").get(0);
    assertThat(heldOut).isGreaterThan(70);
    assertThat(printed.numbers("^Loaded from .*: ([\\d.]+) %").get(0)).isEqualTo(heldOut);
    assertThat(folder.resolve("pipeline/metadata")).isDirectory();
  }
}
