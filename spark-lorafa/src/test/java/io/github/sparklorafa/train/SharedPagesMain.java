package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * Takes a training step on a checkpoint, waits for a line, and prints what of the process's memory
 * are pages of the checkpoint's files, for {@link SharedPagesTest}.
 */
final class SharedPagesMain {
  private SharedPagesMain() {}

  public static void main(String[] args) throws IOException {
    Natives.load(1);
    Path checkpoint = Path.of(args[0]);
    TrainConfig config =
        TrainConfig.builder().model("m").data("d").output("o").dtype(DType.BF16).build();
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        HuggingFaceFolder folder = HuggingFaceFolder.open(checkpoint, DType.BF16);
        TrainedModel trained = TrainedModel.open(config, folder, Map.of());
        Tape tape = new Tape()) {
      int[] ids = IntStream.range(0, 97).toArray();
      trained.trainStep(0, TokenBatch.of(List.of(Example.of(ids))), tape);
      System.out.println("ready");
      int unused = System.in.read();
      System.out.println("Rss " + bytes(checkpoint, "Rss:"));
      System.out.println("Pss " + bytes(checkpoint, "Pss:"));
      System.out.println("Private_Dirty " + bytes(checkpoint, "Private_Dirty:"));
    }
  }

  /** Sums {@code field} over the mappings of files in {@code folder}. */
  private static long bytes(Path folder, String field) throws IOException {
    long bytes = 0;
    boolean ours = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        ours = line.contains(folder.toString());
      } else if (ours && line.startsWith(field)) {
        bytes += 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return bytes;
  }
}
