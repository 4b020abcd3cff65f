package io.github.sparklorafa.spark.ui;

import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.status.AppHistoryServerPlugin;
import org.apache.spark.status.ElementTrackingStore;
import org.apache.spark.ui.SparkUI;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** Shows the tab in the History Server, for applications whose log has a run. */
public final class RunsHistory implements AppHistoryServerPlugin {
  @Override
  public Seq<SparkListener> createListeners(SparkConf conf, ElementTrackingStore store) {
    SparkListener listener = new RunListener(store, false);
    return JavaConverters.asScalaBuffer(List.of(listener)).toSeq();
  }

  @Override
  public void setupUI(SparkUI ui) {
    RunsTab tab = new RunsTab(ui);
    if (!tab.runs().isEmpty()) {
      ui.attachTab(tab);
    }
  }
}
