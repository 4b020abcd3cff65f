package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.Transport;
import java.io.Serializable;
import java.util.Optional;

/**
 * What every worker is told; all paths are complete URIs, since executors have other working
 * folders and default file systems than the driver.
 *
 * @param model folder of the base checkpoint
 * @param initAdapter folder of an adapter to start from, or empty
 * @param data folder of the token store to train on
 * @param evalData folder of the token store to evaluate on, or empty
 * @param staging folder that worker 0 makes and puts the result into, with the number of the stage
 *     attempt behind its name
 * @param checkpoints folder of the checkpoints of training, or empty
 * @param resumeFrom checkpoint, or folder of them, that the first attempt goes on from, or empty
 * @param transport that carries the gradients
 * @param allWorkersInOneProcess whether this is local mode, where workers are threads
 * @param progress name of the driver's receiver
 */
record WorkerPlan(
    TrainConfig config,
    String model,
    String initAdapter,
    String data,
    String evalData,
    String staging,
    String checkpoints,
    String resumeFrom,
    Transport transport,
    boolean allWorkersInOneProcess,
    String progress)
    implements Serializable {
  WorkerPlan(
      TrainConfig config,
      String model,
      Optional<String> initAdapter,
      String data,
      Optional<String> evalData,
      String staging,
      Optional<String> checkpoints,
      Optional<String> resumeFrom,
      Transport transport,
      boolean allWorkersInOneProcess,
      String progress) {
    this(
        config,
        model,
        initAdapter.orElse(""),
        data,
        evalData.orElse(""),
        staging,
        checkpoints.orElse(""),
        resumeFrom.orElse(""),
        transport,
        allWorkersInOneProcess,
        progress);
  }
}
