package io.github.sparklorafa.examples;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Spark in this process, with a slot for each of two workers. */
final class LocalSpark {
  private LocalSpark() {}

  static SparkSession open(Path folder) {
    return SparkSession.builder()
        .master("local[2]")
        .appName("examples")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toUri().toString())
        .getOrCreate();
  }
}
