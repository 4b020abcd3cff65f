package io.github.sparklorafa.spark.progress;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * A training run was asked for, and everything that can be checked without its rows is right.
 *
 * @param run tells runs of an application apart
 * @param time in milliseconds since 1970
 * @param settings by the names of {@code train}'s flags, without secrets
 * @param methods what this run needs, first, and other ways to train
 */
public record RunBegan(
    String run, long time, Map<String, String> settings, List<MethodCost> methods)
    implements SparkListenerEvent {
  /** Copies both, in their order; event logs from elsewhere may leave texts out. */
  public RunBegan {
    run = Texts.of(run);
    settings = Texts.of(settings);
    methods = methods == null ? List.of() : methods.stream().filter(Objects::nonNull).toList();
  }
}
