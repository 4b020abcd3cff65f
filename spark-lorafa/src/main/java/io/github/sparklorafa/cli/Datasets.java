package io.github.sparklorafa.cli;

import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.train.DataFormat;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads datasets as {@code --format} says. */
final class Datasets {
  private static final String AVRO = "org.apache.spark.sql.avro.AvroFileFormat";

  private Datasets() {}

  /**
   * Reads the rows of a path, or of a table of the session's catalog.
   *
   * <p>JSON is one object a line, or one array of objects a file. CSV has a header; fields may hold
   * line breaks in quotes, and quotes twice.
   *
   * @throws IllegalArgumentException if there is nothing to read, or no way to read it
   */
  static Dataset<Row> read(SparkSession spark, DataFormat format, String location) {
    if (format == DataFormat.AVRO) {
      checkAvro(spark, location);
    }
    try {
      return switch (format) {
        case PARQUET -> spark.read().parquet(location);
        case JSON -> spark.read().option("multiLine", isJsonArray(spark, location)).json(location);
        case ORC -> spark.read().orc(location);
        case AVRO -> spark.read().format("avro").load(location);
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

  /** Spark reads an array over several lines only if told so, and objects a line only if not. */
  private static boolean isJsonArray(SparkSession spark, String location) {
    List<Row> first =
        spark.read().text(location).where("trim(value) != ''").limit(1).collectAsList();
    return !first.isEmpty() && first.get(0).getString(0).stripLeading().startsWith("[");
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
