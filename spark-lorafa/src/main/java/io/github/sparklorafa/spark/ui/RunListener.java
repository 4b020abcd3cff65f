package io.github.sparklorafa.spark.ui;

import io.github.sparklorafa.spark.progress.RunBegan;
import io.github.sparklorafa.spark.progress.RunCheckpoint;
import io.github.sparklorafa.spark.progress.RunEnded;
import io.github.sparklorafa.spark.progress.RunEvaluated;
import io.github.sparklorafa.spark.progress.RunNote;
import io.github.sparklorafa.spark.progress.RunStep;
import io.github.sparklorafa.spark.progress.RunTrains;
import io.github.sparklorafa.spark.progress.RunWorker;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.status.ElementTrackingStore;

/** Brings the events of runs into the UI's store. The bus calls it, one event after the other. */
final class RunListener extends SparkListener {
  /** Runs of an application that are shown, the newest ones: each takes some 100 kB. */
  private static final int MOST_RUNS = 100;

  private final ElementTrackingStore store;
  private final boolean live;
  private final Map<String, LiveRun> runs = new LinkedHashMap<>();

  /**
   * @param live whether pages want to see each event at once; else the store is filled when all
   *     events have been read
   */
  RunListener(ElementTrackingStore store, boolean live) {
    this.store = store;
    this.live = live;
    if (!live) {
      store.onFlush(
          () -> {
            runs.values().forEach(run -> store.write(run.record()));
            return null;
          });
    }
  }

  @Override
  public void onOtherEvent(SparkListenerEvent event) {
    if (event instanceof RunBegan began) {
      begin(began);
    } else if (event instanceof RunTrains e) {
      change(e.run(), run -> run.add(e));
    } else if (event instanceof RunStep e) {
      change(e.run(), run -> run.add(e));
    } else if (event instanceof RunEvaluated e) {
      change(e.run(), run -> run.add(e));
    } else if (event instanceof RunWorker e) {
      change(e.run(), run -> run.add(e));
    } else if (event instanceof RunCheckpoint e) {
      change(e.run(), run -> run.add(e));
    } else if (event instanceof RunNote e) {
      change(e.run(), run -> run.add(e));
    } else if (event instanceof RunEnded e) {
      change(e.run(), run -> run.add(e));
    }
  }

  private void begin(RunBegan began) {
    if (runs.size() == MOST_RUNS) {
      String oldest = runs.keySet().iterator().next();
      runs.remove(oldest);
      if (live) {
        store.delete(RunRecord.class, oldest);
      }
    }
    runs.put(began.run(), new LiveRun(began));
    change(began.run(), run -> {});
  }

  /** What belongs to a run that is not shown is dropped. */
  private void change(String id, Consumer<LiveRun> change) {
    LiveRun run = runs.get(id);
    if (run != null) {
      change.accept(run);
      if (live) {
        store.write(run.record());
      }
    }
  }
}
