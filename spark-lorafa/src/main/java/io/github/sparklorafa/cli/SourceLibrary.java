package io.github.sparklorafa.cli;

import io.github.sparklorafa.train.DataFormat;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * The library of a format that Spark's distribution leaves out.
 *
 * @param name class that reads the format
 * @param artifact without version; {@code %s} stands for Scala's
 * @param version {@code %s} for Spark's own
 * @param settings that the library wants, as spark-submit takes them; empty for none
 */
record SourceLibrary(String name, String artifact, String version, String settings) {
  private static final String SCALA_PATCH = "\\.\\d+$";

  static Optional<SourceLibrary> of(DataFormat format) {
    return Optional.ofNullable(
        switch (format) {
          case AVRO ->
              new SourceLibrary(
                  "org.apache.spark.sql.avro.AvroFileFormat",
                  "org.apache.spark:spark-avro_%s",
                  "%s",
                  "");
          case DELTA ->
              new SourceLibrary(
                  "org.apache.spark.sql.delta.sources.DeltaDataSource",
                  "io.delta:delta-spark_%s",
                  "3.3.2",
                  " --conf spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension --conf"
                      + " spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog");
          case ICEBERG ->
              new SourceLibrary(
                  "org.apache.iceberg.spark.source.IcebergSource",
                  "org.apache.iceberg:iceberg-spark-runtime-3.5_%s",
                  "1.10.0",
                  "");
          default -> null;
        });
  }

  /**
   * Looks for the library on the class path.
   *
   * @throws IllegalArgumentException if it is not there, with what adds it
   */
  static void check(DataFormat format, SparkSession spark, String location) {
    of(format).ifPresent(library -> library.check(spark, format, location));
  }

  private void check(SparkSession spark, DataFormat format, String location) {
    try {
      Class.forName(name, false, Thread.currentThread().getContextClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot read %s: %s (add --packages %s%s)",
              format.text(), location, coordinates(spark.version()), settings),
          e);
    }
  }

  /** As {@code --packages} takes them. */
  String coordinates(String sparkVersion) {
    String binary = scala.util.Properties.versionNumberString().replaceAll(SCALA_PATCH, "");
    return String.format(artifact, binary) + ":" + String.format(version, sparkVersion);
  }
}
