package io.github.sparklorafa.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.cli.DemoFiles;
import io.github.sparklorafa.spark.stage.TrainingResult;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("spark")
class FineTuneFromTableTest {
  @Test
  void trainsOnTheRowsOfATable(@TempDir Path folder) {
    try (SparkSession spark = LocalSpark.open(folder)) {
      DemoFiles demo =
          DemoFiles.unpack(
              folder.resolve("demo").toString(), spark.sparkContext().hadoopConfiguration());
      spark
          .read()
          .json(demo.train())
          .limit(100)
          .selectExpr("prompt question", "completion answer")
          .write()
          .saveAsTable("answered_questions");
      Path adapter = folder.resolve("adapter");

      TrainingResult result =
          FineTuneFromTable.fineTune(
              spark, demo.base(), "answered_questions", adapter.toString(), 4);

      assertThat(result.rows()).as("rows that are not held out").isBetween(70L, 99L);
      assertThat(result.summary().steps()).isEqualTo(4);
      assertThat(result.summary().lastLoss()).isLessThan(result.summary().firstLoss());
      assertThat(result.summary().evalLoss()).isPositive();
      assertThat(adapter.resolve("adapter_model.safetensors")).isNotEmptyFile();
    }
  }
}
