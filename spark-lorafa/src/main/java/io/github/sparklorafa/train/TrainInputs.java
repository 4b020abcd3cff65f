package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.data.TokenStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a worker trains with, all of it on its own disk.
 *
 * @param config of the run
 * @param modelFolder of the base checkpoint
 * @param initAdapter folder of an adapter to start from
 * @param data to train on, the same on all workers
 * @param evalData to evaluate on, the same on all workers
 * @param outputFolder made by worker 0, which writes the adapter or the checkpoint there
 * @param checkpoints where worker 0 writes the state of training
 * @param resumeFrom where to look for a state to go on from, one after the other
 */
public record TrainInputs(
    TrainConfig config,
    Path modelFolder,
    Optional<Path> initAdapter,
    TokenStore data,
    Optional<TokenStore> evalData,
    Path outputFolder,
    Optional<TrainingCheckpoints> checkpoints,
    List<TrainingCheckpoints> resumeFrom) {

  /** Without checkpoints. */
  public TrainInputs(
      TrainConfig config,
      Path modelFolder,
      Optional<Path> initAdapter,
      TokenStore data,
      Optional<TokenStore> evalData,
      Path outputFolder) {
    this(
        config,
        modelFolder,
        initAdapter,
        data,
        evalData,
        outputFolder,
        Optional.empty(),
        List.of());
  }
}
