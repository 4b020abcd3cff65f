package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.TensorAssert;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.ModelInput;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.train.LocalTraining.Worker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a run may depend on, and what not. */
class TrainerTest {
  /** Four of them are the fp32 number 3.4e38, which is finite, but not its square. */
  private static final byte HUGE = 0x7F;

  @TempDir Path temporary;

  /** 4 rows on 3 workers divide unevenly; with 2 rows one worker has none. */
  @ParameterizedTest
  @CsvSource({"LORA_FA, 4", "LORA, 4", "FULL, 4", "LORA_FA, 2", "FULL, 2", "LORA_FA, 1"})
  void anyNumberOfWorkersTakesTheSameSteps(Method method, int batchSize) throws IOException {
    TrainConfigBuilder config = LocalTraining.config(method).batchSize(batchSize);
    Worker alone = LocalTraining.train(config.build(), temporary.resolve("1")).get(0);
    for (int workers : new int[] {2, 3}) {
      Path output = temporary.resolve("" + workers);
      for (Worker worker : LocalTraining.train(config.workers(workers).build(), output)) {
        assertThat(worker.losses()).containsExactly(alone.losses(), within(1e-4));
        // Adam would hide a gradient that is wrong by a factor.
        assertThat(worker.gradNorms()).containsExactly(alone.gradNorms(), within(1e-3));
        assertThat(worker.summary().tokens()).isEqualTo(alone.summary().tokens());
        assertThat(worker.summary().bucketBytes())
            .isEqualTo((worker.summary().trainableParameters() + 2) * Float.BYTES);
      }
    }
  }

  /** The mean is over loss terms, so it does not matter how rows are cut into micro-batches. */
  @ParameterizedTest
  @EnumSource
  void accumulatedGradientsAreThoseOfTheWholeBatch(Method method) {
    TrainConfigBuilder config = LocalTraining.config(method);
    Worker whole =
        LocalTraining.train(config.microBatchSize(4).build(), temporary.resolve("4")).get(0);
    for (int size : new int[] {1, 3}) {
      Path output = temporary.resolve("" + size);
      Worker worker = LocalTraining.train(config.microBatchSize(size).build(), output).get(0);
      assertThat(worker.losses()).containsExactly(whole.losses(), within(1e-5));
      assertThat(worker.gradNorms()).containsExactly(whole.gradNorms(), within(1e-4));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theSameSeedGivesTheSameBits(Method method) throws IOException {
    TrainConfigBuilder config = LocalTraining.config(method).shuffle(true).workers(2);
    Path first = temporary.resolve("first");
    Path second = temporary.resolve("second");
    List<Worker> before = LocalTraining.train(config.build(), first);
    List<Worker> after = LocalTraining.train(config.build(), second);
    assertThat(after.get(0).losses()).isEqualTo(before.get(0).losses());
    assertThat(after.get(1).losses()).isEqualTo(before.get(0).losses());
    String result = method == Method.FULL ? "model.safetensors" : AdapterFiles.MODEL;
    assertThat(second.resolve(result)).hasSameBinaryContentAs(first.resolve(result));

    Worker other = LocalTraining.train(config.seed(43).build(), temporary.resolve("other")).get(0);
    assertThat(other.losses()).isNotEqualTo(before.get(0).losses());
  }

  @ParameterizedTest
  @EnumSource
  void bf16StaysNearFp32(Method method) {
    TrainConfigBuilder config = LocalTraining.config(method);
    double[] exact = LocalTraining.train(config.build(), temporary.resolve("fp32")).get(0).losses();
    Worker rounded =
        LocalTraining.train(config.dtype(DType.BF16).build(), temporary.resolve("bf16")).get(0);
    assertThat(rounded.losses()).containsExactly(exact, within(0.05));
    assertThat(rounded.summary().lastLoss()).isLessThan(rounded.summary().firstLoss());
  }

  @ParameterizedTest
  @EnumSource(value = Method.class, mode = EnumSource.Mode.EXCLUDE, names = "FULL")
  void goesOnFromTheAdapterThatItWrote(Method method) {
    Path first = temporary.resolve("first");
    TrainConfig config = LocalTraining.config(method).build();
    LocalTraining.train(config, first);

    Path second = temporary.resolve("second");
    TrainConfig next =
        LocalTraining.config(method).initAdapter(first.toString()).maxSteps(1).build();
    TrainInputs inputs = inputs(next, LocalTraining.MODEL, Optional.of(first), second);
    Worker worker = LocalTraining.train(1, rank -> inputs).get(0);
    assertThat(worker.summary().firstLoss())
        .isCloseTo(lossOfFirstBatch(config, first), within(1e-6));
    assertFrozenAsWritten(method, first, second);
  }

  private static double lossOfFirstBatch(TrainConfig config, Path adapter) {
    TokenStore data = ReferenceRun.data();
    TokenBatch batch = MicroBatches.of(data, new long[] {0, 1, 2, 3}, config.batchSize()).get(0);
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        AdaptedModel adapted =
            AdaptedModel.open(LocalTraining.MODEL, Optional.of(adapter), DType.FP32)) {
      return adapted.model().evaluate(ModelInput.of(batch)).mean();
    }
  }

  private static void assertFrozenAsWritten(Method method, Path first, Path second) {
    if (method == Method.LORA_FA) {
      try (Scope scope = new Scope();
          AdapterFiles before = AdapterFiles.open(first);
          AdapterFiles after = AdapterFiles.open(second)) {
        for (String name : before.names()) {
          if (name.endsWith(LoraModule.A_SUFFIX)) {
            TensorAssert.assertBitEqual(
                name, after.load(name, DType.FP32), before.load(name, DType.FP32));
          }
        }
      }
    }
  }

  @Test
  void hugeWeightsEndTheRunWithAMessageAndWithoutAResult() throws IOException {
    Path model = Files.createDirectory(temporary.resolve("model"));
    Files.copy(LocalTraining.MODEL.resolve("config.json"), model.resolve("config.json"));
    byte[] weights = Files.readAllBytes(LocalTraining.MODEL.resolve("model.safetensors"));
    long header = ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN).getLong();
    Arrays.fill(weights, Math.toIntExact(Long.BYTES + header), weights.length, HUGE);
    Files.write(model.resolve("model.safetensors"), weights);

    Path output = temporary.resolve("output");
    TrainInputs inputs =
        inputs(LocalTraining.config(Method.LORA_FA).build(), model, Optional.empty(), output);
    assertThatThrownBy(() -> LocalTraining.train(2, rank -> inputs))
        .isInstanceOf(TrainingException.class)
        .hasMessageMatching(
            "Cannot go on after step 1: loss .*, gradient norm NaN, from each of its rows, so that the weights are suspect: row 0 .*")
        .hasMessageContaining("damaged rows and weights");
    assertThat(output).doesNotExist();
  }

  /** q_proj of the GQA LLaMA is [48, 32]; the other six of its layer keep their adapters. */
  @Test
  void aModuleToSaveIsTrainedAsAWholeAndNotAdapted() {
    TrainConfigBuilder config = LocalTraining.config(Method.LORA_FA).maxSteps(2);
    long adapted = trainable(config.build(), "adapted");
    TrainConfig saved = config.modulesToSave(List.of("1.self_attn.q_proj")).build();
    assertThat(trainable(saved, "saved")).isEqualTo(adapted - 4 * 48 + 48 * 32);
    try (AdapterFiles files = AdapterFiles.open(temporary.resolve("saved"))) {
      String module = "model.layers.1.self_attn.q_proj";
      assertThat(files.names())
          .contains(module + ".weight", "model.layers.0.self_attn.q_proj.lora_B.weight")
          .doesNotContain(module + ".lora_A.weight", module + ".lora_B.weight");
    }
  }

  private long trainable(TrainConfig config, String output) {
    return LocalTraining.train(config, temporary.resolve(output))
        .get(0)
        .summary()
        .trainableParameters();
  }

  @Test
  void workersThatHoldDifferentThingsDoNotStart() {
    TrainConfigBuilder config = LocalTraining.config(Method.LORA_FA);
    List<TrainConfig> configs = List.of(config.build(), config.seed(1).maxSteps(9).build());
    assertThatThrownBy(
            () ->
                LocalTraining.train(
                    2,
                    rank ->
                        inputs(
                            configs.get(rank),
                            LocalTraining.MODEL,
                            Optional.empty(),
                            temporary.resolve("output"))))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("Cannot start: the workers differ in A, the number of steps");
  }

  private static TrainInputs inputs(
      TrainConfig config, Path model, Optional<Path> adapter, Path output) {
    return new TrainInputs(config, model, adapter, ReferenceRun.data(), Optional.empty(), output);
  }
}
