package io.github.sparklorafa.spark.plugin;

import io.github.sparklorafa.spark.progress.ExecutorProblems;
import io.github.sparklorafa.spark.progress.RunFigures;
import io.github.sparklorafa.tensor.NativesCheck;
import io.github.sparklorafa.tensor.ProcessMemory;
import java.io.IOException;
import java.util.Map;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the worker's metrics and loads libtorch, on a thread of its own, so that the executor
 * takes tasks meanwhile. One that cannot load it says so to the driver, which trains nothing on it;
 * it goes on with other tasks.
 */
final class ExecutorSide implements ExecutorPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorSide.class);

  @Override
  public void init(PluginContext plugin, Map<String, String> unused) {
    Gauges.register("worker", RunFigures.OF_WORKER, plugin.metricRegistry());
    Gauges.gauge(plugin.metricRegistry(), "worker", "residentBytes", ProcessMemory::residentBytes);
    Thread thread = new Thread(() -> load(plugin), "spark-lorafa-natives");
    thread.setDaemon(true);
    thread.start();
  }

  private static void load(PluginContext plugin) {
    try {
      NativesCheck.early();
      LOG.info("libtorch is loaded and calculates");
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      LOG.error("Executor {} on {} can't train", plugin.executorID(), plugin.hostname(), e);
      tell(plugin, ExecutorProblems.message(plugin.executorID(), plugin.hostname(), e));
    }
  }

  private static void tell(PluginContext plugin, String problem) {
    try {
      plugin.send(problem);
    } catch (IOException e) {
      LOG.warn("The driver does not hear of it; training will", e);
    }
  }
}
