package io.github.sparklorafa.spark.plugin;

import io.github.sparklorafa.spark.progress.ExecutorProblems;
import io.github.sparklorafa.spark.progress.RunFigures;
import io.github.sparklorafa.spark.ui.RunsTab;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/** Attaches the tab, registers the run's metrics, and hears of executors that cannot train. */
final class DriverSide implements DriverPlugin {
  @Override
  public Map<String, String> init(SparkContext context, PluginContext plugin) {
    ExecutorProblems.clear();
    context.addSparkListener(
        new SparkListener() {
          @Override
          public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
            ExecutorProblems.remove(event.executorId());
          }
        });
    RunsTab.attach(context);
    return Map.of();
  }

  @Override
  public void registerMetrics(String appId, PluginContext plugin) {
    Gauges.register("run", RunFigures.OF_RUN, plugin.metricRegistry());
  }

  /** An executor's {@link ExecutorProblems.Problem}; returns at once. */
  @Override
  public Object receive(Object message) {
    ExecutorProblems.add((String) message);
    return "";
  }

  @Override
  public void shutdown() {
    ExecutorProblems.clear();
  }
}
