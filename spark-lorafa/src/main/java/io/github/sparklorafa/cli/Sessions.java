package io.github.sparklorafa.cli;

import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** The Spark session of a command; master and resources come from spark-submit. */
final class Sessions {
  /** Settings that a command prefers where the user has none. */
  private static final String[][] PREFERRED = {
    {"spark.ui.showConsoleProgress", "false"},
    {"spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures", "3"}
  };

  private Sessions() {}

  static SparkSession open(String name) {
    SparkConf conf = new SparkConf();
    for (String[] preferred : PREFERRED) {
      conf.setIfMissing(preferred[0], preferred[1]);
    }
    return SparkSession.builder().config(conf).appName("spark-lorafa " + name).getOrCreate();
  }
}
