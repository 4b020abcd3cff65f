package io.github.sparklorafa.train;

import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.checkpoint.FullCheckpointWriter;
import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.checkpoint.MergedCheckpoint;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.tensor.StoredMatrix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs on a base in few bits are runs on the weights that these bits stand for. */
@ExtendWith(InScope.class)
class PackedBaseTest {
  private static final int STEPS = 6;

  @TempDir private Path temporary;

  private record Run(String model, Method method, BaseDType base, DType dtype, int workers) {
    TrainConfigBuilder config() {
      TrainConfigBuilder config =
          LocalTraining.config(method).dtype(dtype).workers(workers).maxSteps(STEPS);
      return switch (model) {
        case "roberta" ->
            config
                .task(Task.SEQUENCE_CLASSIFICATION)
                .taskSettings(settings -> settings.withNumLabels(3));
        case "t5-gated" -> config.task(Task.SEQ2SEQ);
        default -> config;
      };
    }

    TokenStore data() {
      return switch (model) {
        case "roberta" -> robertaRows();
        case "t5-gated" -> TokenStore.of(T5ParityTest.rows());
        default -> ReferenceRun.data();
      };
    }
  }

  private static TokenStore robertaRows() {
    JsonNode rows = ReferenceRun.read(ReferenceRun.folder("roberta-rows.json")).get("rows");
    List<Example> examples = new ArrayList<>();
    for (JsonNode row : rows) {
      int[] ids = new int[row.get("input_ids").size()];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = row.get("input_ids").get(i).asInt();
      }
      examples.add(Example.withNumbers(ids, row.get("single").asInt()));
    }
    return TokenStore.of(examples);
  }

  static List<Run> runs() {
    List<Run> runs = new ArrayList<>();
    for (String model : List.of("llama-gqa", "phi3", "roberta", "t5-gated")) {
      for (BaseDType base : List.of(BaseDType.INT8, BaseDType.NF4)) {
        runs.add(new Run(model, Method.LORA_FA, base, DType.FP32, 1));
        runs.add(new Run(model, Method.LORA, base, DType.FP32, 1));
        runs.add(new Run(model, Method.LORA_FA, base, DType.BF16, 1));
      }
    }
    runs.add(new Run("llama-gqa", Method.LORA_FA, BaseDType.BF16, DType.FP32, 1));
    runs.add(new Run("llama-gqa", Method.LORA_FA, BaseDType.FP32, DType.BF16, 1));
    runs.add(new Run("llama-gqa", Method.LORA_FA, BaseDType.NF4, DType.FP32, 2));
    runs.add(new Run("t5-gated", Method.LORA, BaseDType.NF4, DType.FP32, 3));
    return runs;
  }

  @ParameterizedTest
  @MethodSource("runs")
  void trainsAsOnTheUnpackedWeights(Run the) {
    Path unpacked = unpacked(the);
    LocalTraining.Worker dense = train(the.config().workers(1).build(), the, unpacked);
    LocalTraining.Worker packed =
        train(the.config().baseDtype(the.base()).build(), the, ReferenceRun.folder(the.model()));
    double tolerance = the.dtype() == DType.FP32 ? 1e-5 : 2e-3;
    assertThat(packed.losses()).hasSize(STEPS);
    assertThat(packed.losses()).containsExactly(dense.losses(), within(tolerance));
    assertThat(packed.gradNorms()).containsExactly(dense.gradNorms(), within(10 * tolerance));
    // It is another base than the one in the files.
    if (the.base().ordinal() > BaseDType.BF16.ordinal()) {
      LocalTraining.Worker plain =
          train(the.config().workers(1).build(), the, ReferenceRun.folder(the.model()));
      assertThat(Math.abs(plain.losses()[0] - packed.losses()[0])).isGreaterThan(1e-6);
    }
  }

  private LocalTraining.Worker train(TrainConfig config, Run the, Path model) {
    TrainInputs inputs =
        new TrainInputs(
            config,
            model,
            Optional.empty(),
            the.data(),
            Optional.empty(),
            temporary.resolve("output-" + System.nanoTime()));
    return LocalTraining.train(config.workers(), rank -> inputs).get(0);
  }

  /** The checkpoint with what its weights are after packing. */
  private Path unpacked(Run the) {
    TrainConfig config = the.config().build();
    try (Scope scope = new Scope();
        HuggingFaceFolder folder =
            HuggingFaceFolder.open(
                ReferenceRun.folder(the.model()), DType.FP32, Optional.of(config.objective()))) {
      Set<String> packable = folder.config().packableWeights();
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      folder
          .config()
          .tensors()
          .forEach(
              (name, shape) -> {
                Tensor tensor = folder.load(name, shape);
                tensors.put(name, packable.contains(name) ? unpacked(the.base(), tensor) : tensor);
              });
      assertThat(tensors.keySet()).containsAll(packable);
      Path output = temporary.resolve("unpacked");
      FullCheckpointWriter.write(folder.path(), output, tensors, DType.FP32, folder.config());
      return output;
    }
  }

  private static Tensor unpacked(BaseDType base, Tensor tensor) {
    Tensor unpacked = torch.empty_like(tensor);
    try (StoredMatrix matrix = StoredMatrix.of(base, tensor)) {
      matrix.unpack(0, unpacked);
    }
    return unpacked;
  }

  @Test
  void whatWasTrainedOnFewBitsSaysSoAndPredictsOnThem() {
    Run run = new Run("llama-gqa", Method.LORA_FA, BaseDType.NF4, DType.FP32, 1);
    Path base = ReferenceRun.folder("llama-gqa");
    Path output = temporary.resolve("adapter");
    TrainConfig config = run.config().baseDtype(BaseDType.NF4).build();
    LocalTraining.train(config, output);
    try (MergedCheckpoint merged = MergedCheckpoint.open(base, output)) {
      assertThat(merged.trainedOn()).contains("nf4");
    }
    Tensor packed = logits(base, output, BaseDType.NF4);
    Tensor unpacked = logits(unpacked(run), output, BaseDType.FP32);
    assertCloseToLargest("logits", packed, unpacked, 1e-5);
    double apart = packed.sub(logits(base, output, BaseDType.FP32)).abs().max().item_double();
    assertThat(apart).isGreaterThan(1e-3);
  }

  private static Tensor logits(Path base, Path adapter, BaseDType held) {
    try (AdaptedModel model = AdaptedModel.open(base, Optional.of(adapter), DType.FP32, held)) {
      return model.causal().logits(new int[] {5, 17, 40, 3, 88}, new Sequences(0, 5));
    }
  }

  @Test
  void aPlainRunSaysNothingOfItsBase() {
    Path output = temporary.resolve("adapter");
    LocalTraining.train(LocalTraining.config(Method.LORA).maxSteps(1).build(), output);
    try (AdapterFiles files = AdapterFiles.open(output)) {
      assertThat(files.baseDtype()).isEmpty();
    }
  }

  @Test
  void aCheckpointBelongsToItsBase() {
    try (HuggingFaceFolder folder = HuggingFaceFolder.open(LocalTraining.MODEL, DType.FP32)) {
      TrainConfigBuilder config = LocalTraining.config(Method.LORA);
      Map<String, String> plain = RunFingerprint.of(config.build(), folder.config());
      Map<String, String> packed =
          RunFingerprint.of(config.baseDtype(BaseDType.NF4).build(), folder.config());
      assertThat(RunFingerprint.differences(plain, packed).found())
          .containsExactly("base-dtype is FP32, not NF4");
    }
  }

  /** To the byte, whatever the widths. */
  @ParameterizedTest
  @CsvSource({
    "llama-gqa, LORA_FA, ",
    "llama-gqa, LORA, lm_head",
    "llama-tied, LORA_FA, embed_tokens",
    "llama-bias, LORA_FA, ",
    "qwen3, LORA, ",
    "phi3, LORA_FA, ",
    "bert-mlm, LORA_FA, ",
    "t5-relu, LORA, ",
    "t5-gated, LORA_FA, lm_head",
  })
  void aRunHoldsTheBytesThatArePlanned(String model, Method method, String saved) {
    for (BaseDType base : BaseDType.values()) {
      for (DType dtype : DType.values()) {
        TrainConfig config =
            LocalTraining.config(method)
                .dtype(dtype)
                .baseDtype(base)
                .modulesToSave(saved == null ? List.of() : List.of(saved))
                .build();
        try (Scope scope = new Scope();
            HuggingFaceFolder folder = HuggingFaceFolder.open(ReferenceRun.folder(model), dtype);
            TrainedModel trained = TrainedModel.open(config, folder, Map.of())) {
          MemoryPlan plan = MemoryPlan.of(config, folder.config());
          assertThat(trained.frozenBytes()).as("%s in %s", base, dtype).isEqualTo(plan.weights());
        }
      }
    }
  }

  @Test
  void theWeightsOfALlamaTakeAQuarterInNf4() {
    LlamaConfig shape =
        new LlamaConfig(32000, 4096, 11008, 32, 32, 32, 128, 1e-5, 10000, false, 4096);
    TrainConfigBuilder config = LocalTraining.config(Method.LORA_FA).dtype(DType.BF16);
    MemoryPlan plain = MemoryPlan.of(config.build(), shape);
    MemoryPlan packed = MemoryPlan.of(config.baseDtype(BaseDType.NF4).build(), shape);
    long linears = 32L * (4 * 4096 * 4096 + 3 * 4096 * 11008);
    // 4.127 bits a number.
    long scales = linears / 64 + linears / 64 / 256 * 4 + 4 * 32 * 7;
    assertThat(plain.weights() - packed.weights()).isEqualTo(2 * linears - linears / 2 - scales);
    assertThat(packed.workspace() - plain.workspace()).isEqualTo(16 << 20);
  }

  @Test
  void fullTrainingFreezesNothing() {
    TrainConfigBuilder config = LocalTraining.config(Method.FULL).dtype(DType.BF16);
    assertThat(config.baseDtype(BaseDType.BF16).build().baseDtype()).isEqualTo(BaseDType.BF16);
    assertThatThrownBy(config.baseDtype(BaseDType.NF4)::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot use base dtype: nf4 with method full (it trains all weights, and keeps none"
                + " frozen: use method lora-fa or lora, or leave it out)");
  }

  @Test
  void aTrainedLinearLayerIsRefused() {
    TrainConfig config =
        LocalTraining.config(Method.LORA_FA)
            .baseDtype(BaseDType.INT8)
            .modulesToSave(List.of("lm_head", "1.mlp.down_proj"))
            .build();
    try (HuggingFaceFolder folder = HuggingFaceFolder.open(LocalTraining.MODEL, DType.FP32)) {
      assertThatThrownBy(() -> TrainedModel.open(config, folder, Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot train modules to save: 1.mlp.down_proj with base dtype int8 (a weight in few"
                  + " bits cannot be trained: adapt it, or leave base dtype out)");
    }
  }
}
