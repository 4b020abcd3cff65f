package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.checkpoint.RemoteFolder;
import io.github.sparklorafa.tensor.Natives;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/**
 * One frozen model for all tasks of an executor, opened by the first that asks.
 *
 * <p>It stays open when its last task ends, since the next one wants the same; a task that asks for
 * another model closes those that nobody uses. Thread-safe.
 */
final class SharedModel implements AutoCloseable {
  private static final class Entry {
    private final AdaptedModel model;
    private int users;

    Entry(AdaptedModel model) {
      this.model = model;
    }
  }

  private static final Map<PredictModel, Entry> OPEN = new HashMap<>();

  private final Entry entry;
  private boolean closed;

  private SharedModel(Entry entry) {
    this.entry = entry;
  }

  /**
   * The model for the thread that runs {@code task}, until the task ends; with libtorch on the
   * task's cpus. Blocks while the executor fetches and opens the model for the first time.
   */
  static AdaptedModel of(TaskContext task, PredictModel key, Configuration hadoop) {
    Natives.load(task.cpus());
    SharedModel shared = open(key, hadoop);
    task.addTaskCompletionListener((TaskCompletionListener) ended -> shared.close());
    return shared.entry.model;
  }

  private static SharedModel open(PredictModel key, Configuration hadoop) {
    synchronized (OPEN) {
      if (!OPEN.containsKey(key)) {
        closeUnused();
        OPEN.put(key, new Entry(read(key, hadoop)));
      }
      Entry entry = OPEN.get(key);
      entry.users++;
      return new SharedModel(entry);
    }
  }

  private static AdaptedModel read(PredictModel key, Configuration hadoop) {
    Path folders = ExecutorFiles.folder("folders");
    Path base = RemoteFolder.fetch(key.folder(), folders, hadoop);
    Optional<Path> adapter =
        key.adapter().isEmpty()
            ? Optional.empty()
            : Optional.of(RemoteFolder.fetch(key.adapter(), folders, hadoop));
    return AdaptedModel.open(base, adapter, key.dtype(), Optional.of(key.shape().objective()));
  }

  private static void closeUnused() {
    OPEN.values()
        .removeIf(
            entry -> {
              if (entry.users == 0) {
                entry.model.close();
              }
              return entry.users == 0;
            });
  }

  /** Gives the model back; a second time is no matter. */
  @Override
  public void close() {
    synchronized (OPEN) {
      entry.users -= closed ? 0 : 1;
      closed = true;
    }
  }
}
