package io.github.sparklorafa.train;

import static io.github.sparklorafa.train.ReferenceParityTest.assertSeries;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparklorafa.TensorAssert;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.checkpoint.SafetensorsFile;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.ModelInput;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.Seq2SeqModel;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * 20 steps of T5 beside transformers and PEFT in fp32: v1.0 (relu, a tied and scaled head) and v1.1
 * (gated GELU, a head of its own); see make_t5.py.
 */
class T5ParityTest {
  private static final double LOSS = 1e-4;
  private static final double FIRST_GRADIENT = 1e-4;
  private static final double LOGITS_BEFORE = 1e-4;

  /** Unpadded micro-batches of transformers itself differ by as much. */
  private static final double LOGITS_AFTER = 1e-3;

  private static final String PEFT_PREFIX = "base_model.model.";

  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "t5-relu-lora-fa",
        "t5-relu-lora",
        "t5-relu-full",
        "t5-gated-lora-fa",
        "t5-gated-lora",
        "t5-gated-full"
      })
  void trainsAsPeftDoes(String name) throws IOException {
    ReferenceRun run = new ReferenceRun(name);
    TrainConfig config = run.config().task(Task.SEQ2SEQ).build();
    Path output = temporary.resolve(name);
    List<StepReport> steps = new ArrayList<>();
    TrainSummary summary = train(config, run, output, steps);

    assertThat(summary.trainableParameters()).isEqualTo(run.trainableParameters());
    double[] losses = steps.stream().mapToDouble(StepReport::loss).toArray();
    double[] norms = steps.stream().mapToDouble(StepReport::gradNorm).toArray();
    assertSeries("loss", losses, run.numbers("losses"), LOSS);
    assertSeries("gradient norm", norms, run.numbers("grad_norms"), 1e-3);
    ReferenceParityTest.assertResult(run, output);
    boolean full = config.method() == Method.FULL;
    assertLogits(run, "before", run.model(), run.initAdapter(), LOGITS_BEFORE);
    assertLogits(
        run,
        "after",
        full ? output : run.model(),
        full ? Optional.empty() : Optional.of(output),
        LOGITS_AFTER);
  }

  private static TrainSummary train(
      TrainConfig config, ReferenceRun run, Path output, List<StepReport> steps) {
    TrainInputs inputs =
        new TrainInputs(
            config,
            run.model(),
            run.initAdapter(),
            TokenStore.of(rows()),
            Optional.empty(),
            output);
    try {
      return new Trainer(
              inputs,
              LocalCommunicator.group(1).get(0),
              List.of(ReferenceParityTest.collecting(steps)))
          .run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static List<Example> rows() {
    List<Example> rows = new ArrayList<>();
    for (JsonNode row : ReferenceRun.read(ReferenceRun.folder("t5-batches.json")).get("rows")) {
      rows.add(
          new Example(
              ReferenceRun.ints(row.get("input_ids")),
              ReferenceRun.ints(row.get("labels")),
              LabelKind.WRITTEN));
    }
    return rows;
  }

  private static void assertLogits(
      ReferenceRun run, String when, Path base, Optional<Path> adapter, double tolerance) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        AdaptedModel adapted = AdaptedModel.open(base, adapter, DType.FP32);
        SafetensorsFile expected = SafetensorsFile.open(run.file("logits.safetensors"))) {
      int[] chosen = {10, 1};
      for (int i = 0; i < chosen.length; i++) {
        TokenBatch batch = TokenBatch.of(List.of(rows().get(chosen[i])));
        Tensor logits = ((Seq2SeqModel) adapted.model()).logits(ModelInput.of(batch));
        TensorAssert.assertClose(
            "logits " + when, logits, expected.load(when + "." + i, DType.FP32), tolerance);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "t5-relu-lora-fa",
        "t5-relu-lora",
        "t5-relu-full",
        "t5-gated-lora-fa",
        "t5-gated-lora",
        "t5-gated-full"
      })
  void firstGradientsAreAutogradsOfTransformers(String name) throws IOException {
    ReferenceRun run = new ReferenceRun(name);
    TrainConfig config = run.config().task(Task.SEQ2SEQ).build();
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        HuggingFaceFolder folder = HuggingFaceFolder.open(run.model(), DType.FP32);
        TrainedModel trained =
            TrainedModel.open(config, folder, ReferenceParityTest.firstAdapter(run));
        Tape tape = new Tape();
        SafetensorsFile expected = SafetensorsFile.open(run.file("gradients.safetensors"))) {
      long[] rows = LongStream.range(0, config.batchSize()).toArray();
      TokenBatch batch = MicroBatches.of(TokenStore.of(rows()), rows, config.batchSize()).get(0);
      trained.model().trainStep(ModelInput.of(batch), tape);
      trained.trainables().averageAndNorm(batch.lossTerms());
      assertThat(tape.isEmpty()).isTrue();
      Map<String, Parameter> byName = trained.trainableByName();
      assertThat(expected.names()).hasSizeGreaterThan(20);
      for (String key : expected.names()) {
        String parameter = key.startsWith(PEFT_PREFIX) ? key.substring(PEFT_PREFIX.length()) : key;
        TensorAssert.assertCloseToLargest(
            parameter,
            byName.get(parameter).gradient(),
            expected.load(key, DType.FP32),
            FIRST_GRADIENT);
      }
    }
  }

  /** transformers 4 says by {@code tie_word_embeddings: false} that the head is not scaled. */
  @Test
  void theOlderSpellingOfTheConfigurationGivesTheSameLogits() throws IOException {
    ReferenceRun run = new ReferenceRun("t5-gated-lora-fa");
    Path folder = temporary.resolve("older");
    Files.createDirectories(folder);
    Files.copy(run.model().resolve("model.safetensors"), folder.resolve("model.safetensors"));
    String config = Files.readString(run.model().resolve("config.json"));
    String older =
        config
            .replace("  \"scale_decoder_outputs\": false,\n", "")
            .replace("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false");
    assertThat(older).isNotEqualTo(config).doesNotContain("scale_decoder_outputs");
    Files.writeString(folder.resolve("config.json"), older);
    assertLogits(run, "before", folder, run.initAdapter(), LOGITS_BEFORE);
  }
}
