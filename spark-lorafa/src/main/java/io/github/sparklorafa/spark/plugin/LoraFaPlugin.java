package io.github.sparklorafa.spark.plugin;

import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Shows training in Spark's UI and metrics, and loads libtorch in each executor before the first
 * job wants it. Training works without it.
 *
 * <pre>{@code
 * spark-submit --conf spark.plugins=io.github.sparklorafa.spark.plugin.LoraFaPlugin …
 * }</pre>
 */
public final class LoraFaPlugin implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return new DriverSide();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorSide();
  }
}
