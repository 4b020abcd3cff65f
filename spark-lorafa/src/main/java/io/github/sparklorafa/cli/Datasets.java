package io.github.sparklorafa.cli;

import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.train.DataFormat;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads datasets as {@code --format} says. */
final class Datasets {
  private Datasets() {}

  /**
   * @throws IllegalArgumentException if there is nothing to read
   */
  static Dataset<Row> read(SparkSession spark, DataFormat format, String location) {
    try {
      return switch (format) {
        case PARQUET -> spark.read().parquet(location);
        case JSON -> spark.read().json(location);
        case ORC -> spark.read().orc(location);
        case CSV ->
            spark
                .read()
                .option("header", true)
                .option("multiLine", true)
                .option("escape", "\"")
                .csv(location);
        case TEXT -> spark.read().text(location).withColumnRenamed("value", RowShape.TEXT);
        case TABLE -> spark.table(location);
      };
    } catch (Exception e) { // AnalysisException is checked, but Scala doesn't say so
      throw new IllegalArgumentException(
          String.format(
              "Cannot read data: %s as %s (%s)",
              location,
              format.text(),
              String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }
}
