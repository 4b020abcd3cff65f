package io.github.sparklorafa.spark.plugin;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.github.sparklorafa.spark.progress.RunFigures;
import java.util.function.Supplier;

/** The figures that Spark's metrics system has of training. */
final class Gauges {
  private Gauges() {}

  /** What stands in the driver and on executors alike. */
  static void register(String whose, RunFigures figures, MetricRegistry registry) {
    gauge(registry, whose, "loss", figures::loss);
    gauge(registry, whose, "tokensPerSecond", figures::tokensPerSecond);
    gauge(registry, whose, "stepSeconds", figures::stepSeconds);
    gauge(registry, whose, "syncWaitSeconds", figures::syncWaitSeconds);
    gauge(registry, whose, "keptBytes", figures::keptBytes);
    gauge(registry, whose, "sentBytes", figures::sentBytes);
    gauge(registry, whose, "steps", figures::steps);
  }

  static <T extends Number> void gauge(
      MetricRegistry registry, String whose, String name, Supplier<T> value) {
    Gauge<T> gauge = value::get;
    Gauge<T> unused = registry.register(MetricRegistry.name(whose, name), gauge);
  }
}
