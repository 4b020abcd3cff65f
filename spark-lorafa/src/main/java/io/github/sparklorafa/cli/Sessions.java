package io.github.sparklorafa.cli;

import io.github.sparklorafa.spark.stage.TrainingJob;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** The Spark session of a command; master and resources come from spark-submit. */
final class Sessions {
  /** Settings that a command prefers where the user has none. */
  private static final String[][] PREFERRED = {
    {"spark.ui.showConsoleProgress", "false"},
    {"spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures", "3"}
  };

  private static final String PLUGINS = "spark.plugins";

  private Sessions() {}

  /** With the plugin that shows training in Spark's UI, beside those that the user names. */
  static SparkSession openToTrain(String name) {
    return open(name, plugged(new SparkConf()));
  }

  static SparkConf plugged(SparkConf conf) {
    List<String> plugins =
        Arrays.stream(conf.get(PLUGINS, "").split(","))
            .map(String::trim)
            .filter(plugin -> !plugin.isEmpty() && !plugin.equals(TrainingJob.PLUGIN))
            .toList();
    return conf.set(
        PLUGINS,
        Stream.concat(plugins.stream(), Stream.of(TrainingJob.PLUGIN))
            .collect(Collectors.joining(",")));
  }

  static SparkSession open(String name) {
    return open(name, new SparkConf());
  }

  private static SparkSession open(String name, SparkConf conf) {
    for (String[] preferred : PREFERRED) {
      conf.setIfMissing(preferred[0], preferred[1]);
    }
    return SparkSession.builder().config(conf).appName("spark-lorafa " + name).getOrCreate();
  }
}
