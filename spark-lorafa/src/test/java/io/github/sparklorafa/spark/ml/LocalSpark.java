package io.github.sparklorafa.spark.ml;

import org.apache.spark.sql.SparkSession;

/** A session in this JVM, on the loopback address. */
final class LocalSpark {
  private LocalSpark() {}

  static SparkSession start(String master, String... settings) {
    SparkSession.Builder builder =
        SparkSession.builder()
            .master(master)
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", 2);
    for (int i = 0; i < settings.length; i += 2) {
      builder.config(settings[i], settings[i + 1]);
    }
    return builder.getOrCreate();
  }
}
