package io.github.sparklorafa.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.examples.SentimentPipeline.Result;
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
    try (SparkSession spark = LocalSpark.open(folder)) {
      Result result = SentimentPipeline.run(spark, DATA, folder.toString());

      assertThat(result.crossValidated()[1])
          .as("the higher learning rate wins")
          .isGreaterThan(0.7)
          .isGreaterThan(result.crossValidated()[0]);
      assertThat(result.bagOfWords()).as("a guess").isBetween(0.35, 0.65);
      assertThat(result.heldOut()).isGreaterThan(0.7);
      assertThat(result.reloaded()).isEqualTo(result.heldOut());
      assertThat(folder.resolve("pipeline/metadata")).isDirectory();
    }
  }
}
