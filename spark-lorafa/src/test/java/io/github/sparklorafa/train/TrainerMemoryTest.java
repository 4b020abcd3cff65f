package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.NativeHeap;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The memory rule: a step leaves nothing behind. */
class TrainerMemoryTest {
  private static final int VOCABULARY = 97;
  private static final int ROWS = 4;
  private static final int WARM = 20;
  private static final int STEPS = 200;

  /**
   * What the compilers of the JVM come and go with. What one layer keeps, forgotten in each step,
   * would be 80 MB.
   */
  private static final long NOISE_BYTES = 14L << 20;

  @TempDir Path temporary;

  @ParameterizedTest
  @CsvSource({
    "llama-gqa, LORA_FA, FP32",
    "llama-gqa, FULL, BF16",
    "qwen3, LORA_FA, BF16",
    "phi3, LORA_FA, BF16"
  })
  void twoHundredStepsLeaveNothingBehind(String model, Method method, DType dtype)
      throws InterruptedException {
    TrainConfig config =
        LocalTraining.config(method)
            .dtype(dtype)
            .batchSize(ROWS)
            .microBatchSize(3)
            .maxSteps(STEPS)
            .build();
    TrainInputs inputs =
        new TrainInputs(
            config,
            ReferenceRun.folder(model),
            Optional.empty(),
            rows(),
            Optional.empty(),
            temporary.resolve("output"));
    Watch watch = new Watch();
    long before = Pointer.totalCount();
    new Trainer(inputs, LocalCommunicator.group(1).get(0), List.of(watch)).run();

    // Never more; fewer where the collector takes what an earlier test of this process left.
    assertThat(watch.objects[STEPS / 2]).isLessThanOrEqualTo(watch.objects[WARM]);
    assertThat(watch.objects[STEPS]).isLessThanOrEqualTo(watch.objects[STEPS / 2]);
    assertThat(watch.bytes[STEPS] - watch.bytes[WARM]).isLessThan(NOISE_BYTES);
    // What stays are the shared scalars, a few for all runs of a process.
    assertThat(Pointer.totalCount() - before).isLessThan(64);
  }

  /** 432 tokens in rows of 96 to 120. */
  private static TokenStore rows() {
    return TokenStore.of(
        IntStream.range(0, ROWS)
            .mapToObj(
                row ->
                    Example.of(
                        IntStream.range(0, 120 - 8 * row)
                            .map(i -> (i * (row + 3)) % VOCABULARY)
                            .toArray()))
            .toList());
  }

  private static final class Watch implements TrainListener {
    private final long[] objects = new long[STEPS + 1];
    private final long[] bytes = new long[STEPS + 1];

    @Override
    public void onStep(StepReport report) {
      int step = Math.toIntExact(report.step());
      objects[step] = Pointer.totalCount();
      bytes[step] = NativeHeap.bytesInUse();
    }
  }
}
