package io.github.sparklorafa.train;

import io.github.sparklorafa.data.TokenStore;
import java.nio.file.Path;
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
 */
public record TrainInputs(
    TrainConfig config,
    Path modelFolder,
    Optional<Path> initAdapter,
    TokenStore data,
    Optional<TokenStore> evalData,
    Path outputFolder) {}
