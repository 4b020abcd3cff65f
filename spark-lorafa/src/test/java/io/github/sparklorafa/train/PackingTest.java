package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.TensorAssert;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.data.TokenSequences;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.ModelInput;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.train.LocalTraining.Worker;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Packed documents are trained as if each were alone, and in the same steps on any cluster. */
class PackingTest {
  private static final int VOCABULARY = 97;
  private static final int CAPACITY = 24;
  private static final TokenStore ROWS =
      TokenStore.of(IntStream.range(0, 14).mapToObj(PackingTest::row).toList());

  @TempDir Path temporary;

  private static Example row(int seed) {
    Random random = new Random(seed);
    int[] ids = random.ints(2 + random.nextInt(18), 0, VOCABULARY).toArray();
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, random.nextInt(3), Example.IGNORED);
    return new Example(ids, labels);
  }

  /** All rows in each step: packed two sequences at a time, and one document at a time. */
  @ParameterizedTest
  @EnumSource
  void documentsAreTrainedAsIfApart(Method method) {
    long count = TokenSequences.packed(ROWS, CAPACITY).count();
    assertThat(count).isLessThan(10);
    TrainConfigBuilder config = LocalTraining.config(method).maxLength(CAPACITY);

    Worker apart =
        train(config.batchSize(14).microBatchSize(1).build(), temporary.resolve("apart")).get(0);
    Worker packed =
        train(
                config.packing(true).batchSize((int) count).microBatchSize(2).build(),
                temporary.resolve("packed"))
            .get(0);

    assertThat(packed.losses()).containsExactly(apart.losses(), within(1e-5));
    assertThat(packed.gradNorms()).containsExactly(apart.gradNorms(), within(1e-4));
    assertThat(packed.summary().tokens()).isEqualTo(apart.summary().tokens());
    if (method != Method.FULL) {
      assertSameAdapters(temporary.resolve("packed"), temporary.resolve("apart"));
    }
  }

  @ParameterizedTest
  @CsvSource({"true, false", "false, true", "false, false"})
  void anyNumberOfWorkersTakesTheSameSteps(boolean packing, boolean groupByLength) {
    TrainConfigBuilder config =
        LocalTraining.config(Method.LORA_FA)
            .maxLength(CAPACITY)
            .packing(packing)
            .groupByLength(groupByLength)
            .shuffle(true)
            .maxSteps(0)
            .epochs(3);
    Worker alone = train(config.build(), temporary.resolve("1")).get(0);
    for (int workers : new int[] {2, 3}) {
      for (Worker worker :
          train(config.workers(workers).build(), temporary.resolve("" + workers))) {
        assertThat(worker.losses()).containsExactly(alone.losses(), within(1e-4));
        assertThat(worker.gradNorms()).containsExactly(alone.gradNorms(), within(1e-3));
        assertThat(worker.summary().tokens()).isEqualTo(3 * ROWS.tokens());
      }
    }
  }

  @Test
  void nothingPassesFromOneDocumentToAnother() {
    Example first = row(1);
    Example second = row(2);
    Example silent = new Example(second.ids(), ignored(second.length()));
    int[] others = Arrays.stream(second.ids()).map(id -> (id + 1) % VOCABULARY).toArray();
    Example changed = new Example(others, ignored(second.length()));
    int room = 60;

    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        AdaptedModel adapted =
            AdaptedModel.open(LocalTraining.MODEL, Optional.empty(), DType.FP32)) {
      double alone = loss(adapted, room, first);
      double behind = loss(adapted, room, silent, first);
      assertThat(behind).isCloseTo(alone, within(1e-4));
      assertThat(loss(adapted, room, changed, first)).as("not one bit").isEqualTo(behind);
      assertThat(loss(adapted, room, first, silent)).isCloseTo(alone, within(1e-4));
      assertThat(loss(adapted, room, first, second))
          .isCloseTo(alone + loss(adapted, room, second), within(1e-4));
    }
  }

  /** The summed loss of documents that are packed into one sequence. */
  private static double loss(AdaptedModel adapted, int room, Example... documents) {
    TokenSequences packed = TokenSequences.packed(TokenStore.of(List.of(documents)), room);
    assertThat(packed.count()).isEqualTo(1);
    TokenBatch batch = MicroBatches.of(packed, new long[] {0}, 1).get(0);
    return adapted.model().evaluate(ModelInput.of(batch)).sum();
  }

  private static int[] ignored(int length) {
    int[] labels = new int[length];
    Arrays.fill(labels, Example.IGNORED);
    return labels;
  }

  private static void assertSameAdapters(Path actual, Path expected) {
    try (Scope scope = new Scope();
        AdapterFiles one = AdapterFiles.open(actual);
        AdapterFiles other = AdapterFiles.open(expected)) {
      for (String name : other.names()) {
        TensorAssert.assertClose(
            name, one.load(name, DType.FP32), other.load(name, DType.FP32), 1e-4);
      }
    }
  }

  private static List<Worker> train(TrainConfig config, Path output) {
    TrainInputs inputs =
        new TrainInputs(
            config, LocalTraining.MODEL, Optional.empty(), ROWS, Optional.empty(), output);
    return LocalTraining.train(config.workers(), rank -> inputs);
  }
}
