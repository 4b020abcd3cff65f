package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.checkpoint.RemoteFolder;
import io.github.sparklorafa.checkpoint.SharedWeights;
import io.github.sparklorafa.tensor.Natives;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/**
 * One frozen model for all tasks of an executor, opened anew for tasks that begin after its files
 * have changed; several of one base hold its weights once. Thread-safe.
 */
final class SharedModel {
  /**
   * By the folder of the base. Locked within {@link #OPEN} alone, so that neither waits for ever.
   */
  private static final SharedByTasks<String, SharedWeights> BASES =
      new SharedByTasks<>(SharedWeights::close);

  private static final SharedByTasks<PredictModel, Opened> OPEN =
      new SharedByTasks<>(Opened::close);

  private SharedModel() {}

  /** A model, and its right to the weights of its base. */
  private record Opened(AdaptedModel model, SharedByTasks<String, SharedWeights>.Lease base) {
    void close() {
      model.close();
      base.close();
    }
  }

  /** The right to use a model, until it is closed. */
  record Use(AdaptedModel model, Runnable ending) implements AutoCloseable {
    @Override
    public void close() {
      ending.run();
    }
  }

  /**
   * The model for the thread that runs {@code task}, until the task ends; with libtorch on the
   * task's cpus. Blocks while the executor fetches and opens the model for the first time.
   */
  static AdaptedModel of(TaskContext task, PredictModel key, Configuration hadoop) {
    Natives.load(task.cpus());
    Use use = use(key, ExecutorFiles.folder("folders"), hadoop);
    task.addTaskCompletionListener((TaskCompletionListener) ended -> use.close());
    return use.model();
  }

  /**
   * @param folders local folder for copies of remote ones
   */
  static Use use(PredictModel key, Path folders, Configuration hadoop) {
    FolderState base = state(key.folder(), hadoop);
    Object state = List.of(base, state(key.adapter(), hadoop));
    var lease = OPEN.lease(key, state, () -> open(key, base, folders, hadoop));
    return new Use(lease.value().model(), lease::close);
  }

  private static FolderState state(String folder, Configuration hadoop) {
    return folder.isEmpty()
        ? new FolderState(List.of())
        : FolderState.of(
            folder, name -> name.endsWith(".safetensors") || name.endsWith(".json"), hadoop);
  }

  private static Opened open(
      PredictModel key, FolderState state, Path folders, Configuration hadoop) {
    var weights = BASES.lease(key.folder(), state, SharedWeights::new);
    try {
      return new Opened(read(key, weights.value(), folders, hadoop), weights);
    } catch (RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  private static AdaptedModel read(
      PredictModel key, SharedWeights weights, Path folders, Configuration hadoop) {
    Path base = RemoteFolder.fetch(key.folder(), folders, hadoop);
    Optional<Path> adapter =
        key.adapter().isEmpty()
            ? Optional.empty()
            : Optional.of(RemoteFolder.fetch(key.adapter(), folders, hadoop));
    return AdaptedModel.open(
        base,
        adapter,
        key.predictor().dtype(),
        key.predictor().baseDtype(),
        Optional.of(key.shape().objective()),
        weights);
  }
}
