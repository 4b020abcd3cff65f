package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.checkpoint.RemoteFolder;
import io.github.sparklorafa.tensor.Natives;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/**
 * One frozen model for all tasks of an executor, opened anew for tasks that begin after its files
 * have changed. Thread-safe.
 */
final class SharedModel {
  private static final SharedByTasks<PredictModel, AdaptedModel> OPEN =
      new SharedByTasks<>(AdaptedModel::close);

  private SharedModel() {}

  /**
   * The model for the thread that runs {@code task}, until the task ends; with libtorch on the
   * task's cpus. Blocks while the executor fetches and opens the model for the first time.
   */
  static AdaptedModel of(TaskContext task, PredictModel key, Configuration hadoop) {
    Natives.load(task.cpus());
    Object state = List.of(state(key.folder(), hadoop), state(key.adapter(), hadoop));
    var lease = OPEN.lease(key, state, () -> read(key, hadoop));
    task.addTaskCompletionListener((TaskCompletionListener) ended -> lease.close());
    return lease.value();
  }

  private static FolderState state(String folder, Configuration hadoop) {
    return folder.isEmpty()
        ? new FolderState(List.of())
        : FolderState.of(
            folder, name -> name.endsWith(".safetensors") || name.endsWith(".json"), hadoop);
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
}
