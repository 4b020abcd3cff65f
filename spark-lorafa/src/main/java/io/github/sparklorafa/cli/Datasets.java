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
  private static final String AVRO = "org.apache.spark.sql.avro.AvroFileFormat";

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
    if (format == DataFormat.AVRO) {
      checkAvro(spark, location);
    }
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
        case AVRO -> reader.options(options).format("avro").load(location);
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
      throw new IllegalArgumentException(
          String.format(
              "Cannot read data: %s as %s (%s)",
              location,
              format.text(),
              String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }

  /** Avro is a module of Spark's own that its distribution leaves out. */
  private static void checkAvro(SparkSession spark, String location) {
    try {
      Class.forName(AVRO, false, Thread.currentThread().getContextClassLoader());
    } catch (ClassNotFoundException e) {
      String binary = scala.util.Properties.versionNumberString().replaceAll("\\.\\d+$", "");
      throw new IllegalArgumentException(
          String.format(
              "Cannot read avro: %s (add --packages org.apache.spark:spark-avro_%s:%s)",
              location, binary, spark.version()),
          e);
    }
  }
}
