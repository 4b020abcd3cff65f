package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.ProcessMemory;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Opens a checkpoint for training, and prints the bytes that became resident meanwhile and those
 * that the frozen weights hold in the end, for {@link PackedBaseMemoryTest}.
 */
final class LoadingPeakMain {
  private LoadingPeakMain() {}

  public static void main(String[] args) throws IOException {
    Natives.load(1);
    TrainConfig config =
        LocalTraining.config(Method.LORA_FA)
            .dtype(DType.BF16)
            .baseDtype(BaseDType.valueOf(args[1]))
            .build();
    Path checkpoint = Path.of(args[0]);
    // The first time loads classes and makes pools; later ones show what loading takes at least.
    long[] least = load(config, checkpoint);
    for (int again = 0; again < 4; again++) {
      long[] bytes = load(config, checkpoint);
      least = bytes[0] < least[0] ? bytes : least;
    }
    for (long bytes : least) {
      System.out.println(StepPeakMain.PEAK + bytes);
    }
  }

  private static long[] load(TrainConfig config, Path checkpoint) throws IOException {
    Buffers.trim();
    System.gc();
    Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    long before = ProcessMemory.residentBytes();
    try (Scope scope = new Scope();
        HuggingFaceFolder folder = HuggingFaceFolder.open(checkpoint, DType.BF16)) {
      folder.checkTensors();
      folder.checkNumbers();
      try (TrainedModel trained = TrainedModel.open(config, folder, Map.of())) {
        return new long[] {ProcessMemory.peakBytes() - before, trained.frozenBytes()};
      }
    }
  }
}
