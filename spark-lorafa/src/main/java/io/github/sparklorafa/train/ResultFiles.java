package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.checkpoint.AdapterOverlay;
import io.github.sparklorafa.checkpoint.FullCheckpointWriter;
import io.github.sparklorafa.lora.Method;

/** What a run leaves behind: a checkpoint with method full, else an adapter. */
final class ResultFiles {
  private ResultFiles() {}

  static void write(TrainInputs inputs, TrainedModel trained) {
    TrainConfig config = inputs.config();
    if (config.method() == Method.FULL) {
      FullCheckpointWriter.write(
          inputs.modelFolder(),
          inputs.outputFolder(),
          trained.result(),
          config.dtype(),
          trained.shape());
    } else {
      AdapterFiles.write(
          inputs.outputFolder(),
          config.adapter(),
          config.model(),
          trained.shape().objective(),
          PackedBase.note(config),
          AdapterOverlay.underAllNames(trained.shape(), trained.result()));
    }
  }
}
