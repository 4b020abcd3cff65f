package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.Problems;
import java.time.Duration;
import org.apache.spark.SparkConf;

/**
 * How long a worker waits for the others in a sum: {@value #KEY}, 10 minutes where it isn't set.
 * Then it takes them for lost. A shorter time finds a worker that hangs sooner; it must be longer
 * than the slowest step may take on one worker more than on another, an evaluation included.
 */
final class SyncTimeout {
  static final String KEY = "spark.lorafa.sync-timeout";

  private static final String DEFAULT = "10m";
  private static final Duration LEAST = Duration.ofSeconds(1);

  private SyncTimeout() {}

  /** After {@link #check}. */
  static Duration of(SparkConf conf) {
    return Duration.ofMillis(conf.getTimeAsMs(KEY, DEFAULT));
  }

  static void check(SparkConf conf, Problems problems) {
    String given = conf.get(KEY, DEFAULT);
    try {
      if (of(conf).compareTo(LEAST) >= 0) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Neither a number nor a unit: the same message.
    }
    problems.add(
        "Cannot use sync timeout: %s (set %s to a time from 1s up with its unit, such as 90s or 10m)",
        given, KEY);
  }
}
