package io.github.sparklorafa.cli;

import org.apache.hadoop.conf.Configuration;

/** Hadoop's configuration for commands that start no Spark session. */
final class HadoopSettings {
  private static final String PREFIX = "spark.hadoop.";

  private HadoopSettings() {}

  /** Hadoop's own files, and what {@code --conf spark.hadoop.*} gave to spark-submit. */
  static Configuration load() {
    Configuration configuration = new Configuration();
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith(PREFIX))
        .forEach(
            name -> configuration.set(name.substring(PREFIX.length()), System.getProperty(name)));
    return configuration;
  }
}
