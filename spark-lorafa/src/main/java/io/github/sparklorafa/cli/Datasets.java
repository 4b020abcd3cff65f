package io.github.sparklorafa.cli;

import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.train.DataFormat;
import java.util.Map;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads datasets as {@code --format} says. */
final class Datasets {
  private Datasets() {}

  /** Reads the rows of a path, or of a table of the session's catalog, without more options. */
  static Dataset<Row> read(SparkSession spark, DataFormat format, String location) {
    return read(spark, format, location, Map.of());
  }

  /**
   * Reads the rows of a path, or of a table of the session's catalog.
   *
   * <p>JSON is one object a line, or one array of objects a file. CSV has a header; fields may hold
   * line breaks in quotes, and quotes twice.
   *
   * @param options of Spark's reader; they win over those that make it so
   * @throws IllegalArgumentException if there is nothing to read, or no way to read it
   */
  static Dataset<Row> read(
      SparkSession spark, DataFormat format, String location, Map<String, String> options) {
    SourceLibrary.check(format, spark, location);
    try {
      DataFrameReader reader = spark.read();
      return switch (format) {
        case PARQUET -> reader.options(options).parquet(location);
        case JSON ->
            reader
                .option("multiLine", JsonArrays.in(spark, location, options))
                .options(options)
                .json(location);
        case ORC -> reader.options(options).orc(location);
        case AVRO, DELTA, ICEBERG -> reader.options(options).format(format.text()).load(location);
        case CSV ->
            reader
                .option("header", true)
                .option("multiLine", true)
                .option("escape", "\"")
                .options(options)
                .csv(location);
        case TEXT ->
            reader.options(options).text(location).withColumnRenamed("value", RowShape.TEXT);
        case TABLE -> reader.options(options).table(location);
      };
    } catch (Exception e) { // AnalysisException is checked, but Scala doesn't say so
      throw cannotRead(format, location, e);
    }
  }

  /**
   * The rows that meet a condition in SQL, all where it is empty. Sources that know partitions read
   * only those that it leaves.
   *
   * @throws IllegalArgumentException if it can't be evaluated on them
   */
  static Dataset<Row> where(Dataset<Row> rows, String condition) {
    if (condition.isBlank()) {
      return rows;
    }
    try {
      return rows.where(condition);
    } catch (Exception e) { // AnalysisException is checked, but Scala doesn't say so
      throw new IllegalArgumentException(
          String.format(
              "Cannot choose rows: %s (%s; write a condition in SQL over the columns %s)",
              condition, firstLine(e), String.join(", ", rows.columns())),
          e);
    }
  }

  private static IllegalArgumentException cannotRead(
      DataFormat format, String location, Exception e) {
    return new IllegalArgumentException(
        String.format("Cannot read data: %s as %s (%s)", location, format.text(), firstLine(e)), e);
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
