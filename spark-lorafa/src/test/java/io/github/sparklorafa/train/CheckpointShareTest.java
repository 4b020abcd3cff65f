package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a checkpoint costs the training thread: less than a hundredth of one step. Prints the
 * figures of docs/reliability.md.
 */
@Tag("long")
class CheckpointShareTest {
  private static final double MOST = 0.01;

  @TempDir Path folder;

  /** The demo's model and batch: 32 rows of some 40 tokens. */
  @Test
  void ofTheDemosModel() throws InterruptedException {
    LlamaConfig shape = new LlamaConfig(512, 128, 320, 4, 4, 4, 64, 1e-5, 10_000, true, 512);
    TrainConfig config = config(DType.FP32, 16).microBatchSize(16).maxLength(40).build();
    assertThat(share("demo", config, shape, 2, 31)).isLessThan(MOST);
  }

  /** The shape and the batch of the benchmarks. */
  @Test
  void ofTheBenchmarksShape() throws InterruptedException {
    TrainConfig config = config(DType.BF16, 8).microBatchSize(2).maxLength(512).build();
    assertThat(share("134M", config, Benchmark.SHAPE, 1, 9)).isLessThan(MOST);
  }

  private static TrainConfigBuilder config(DType dtype, int rank) {
    return TrainConfig.builder().model("m").data("d").output("o").dtype(dtype).rank(rank);
  }

  /** Median time of {@link CheckpointWriter#write} over the median time of a step. */
  private double share(
      String name, TrainConfig config, LlamaConfig shape, int microBatches, int rounds)
      throws InterruptedException {
    TrainingCheckpoints checkpoints =
        TrainingCheckpoints.in(folder.toString(), new Configuration());
    int rows = config.microBatchSize();
    TokenBatch batch =
        MicroBatches.of(
                TokenStore.of(
                    IntStream.range(0, rows).mapToObj(row -> row(config, shape, row)).toList()),
                LongStream.range(0, rows).toArray(),
                rows)
            .get(0);
    long[] steps = new long[rounds];
    long[] beside = new long[rounds];
    long[] writes = new long[rounds];
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        TrainedModel trained =
            TrainedModel.of(config, shape, new StepPeakMain.Alike(config.dtype(), 0.5));
        AdamW optimizer =
            new AdamW(config, trained.trainables().flat(), trained.trainables().ranges());
        CheckpointWriter writer =
            new CheckpointWriter(
                checkpoints,
                2,
                new StateTensors(trained.trainables(), optimizer),
                note -> assertThat(note).isNull())) {
      step(trained, optimizer, batch, microBatches);
      for (int round = 0; round < rounds; round++) {
        steps[round] = step(trained, optimizer, batch, microBatches);
        long began = System.nanoTime();
        writer.write(round + 1, () -> "{}", Optional.empty());
        writes[round] = System.nanoTime() - began;
        beside[round] = step(trained, optimizer, batch, microBatches);
        writer.await();
      }
    }
    double share = (double) median(writes) / median(steps);
    System.out.printf(
        "%s: step %.1f ms, checkpoint %.3f ms of the training thread (%.2f %%), step beside it %.1f"
            + " ms%n",
        name, median(steps) / 1e6, median(writes) / 1e6, 100 * share, median(beside) / 1e6);
    return share;
  }

  private static Example row(TrainConfig config, LlamaConfig shape, int row) {
    return Example.of(
        IntStream.range(0, config.maxLength())
            .map(i -> (row * 31 + i * 7) % shape.vocabSize())
            .toArray());
  }

  private static long step(
      TrainedModel trained, AdamW optimizer, TokenBatch batch, int microBatches) {
    long began = System.nanoTime();
    Trainables trainables = trained.trainables();
    trainables.clear();
    for (int i = 0; i < microBatches; i++) {
      try (Scope scope = new Scope();
          Tape tape = new Tape()) {
        trained.trainStep(0, batch, tape);
      }
    }
    trainables.clip(trainables.averageAndNorm(1), 1);
    trainables.update(optimizer, 1e-4);
    return System.nanoTime() - began;
  }

  private static long median(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
