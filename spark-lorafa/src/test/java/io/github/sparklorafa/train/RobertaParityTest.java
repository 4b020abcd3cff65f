package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparklorafa.TensorAssert;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.checkpoint.SafetensorsFile;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.ModelInput;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.Classifier;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * RoBERTa, XLM-RoBERTa and BERT beside transformers and PEFT in fp32, with classifications of each
 * kind and masked language models: losses, norms, first gradients, results and logits. There rows
 * are padded to a batch, here they never are.
 */
class RobertaParityTest {
  private static final double LOSS = 1e-4;
  private static final double FIRST_GRADIENT = 1e-4;
  private static final double RESULT = 1e-5;
  private static final double LOGITS_BEFORE = 2e-5;
  private static final double LOGITS_AFTER = 1e-4;

  /**
   * A bias of the keys adds the same to all scores of a query, so its gradient is nothing but
   * rounding, which AdamW turns into steps of full size; the model computes the same whatever it
   * is.
   */
  private static final String KEY_BIAS = "attention.self.key.bias";

  private static final String PREFIX = "base_model.model.";

  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "roberta-lora-fa",
        "roberta-lora",
        "roberta-lora-fa-frozen",
        "roberta-lora-frozen",
        "roberta-full",
        "roberta-multi",
        "roberta-multi-full",
        "roberta-regression",
        "roberta-mlm",
        "roberta-mlm-lora",
        "roberta-mlm-full",
        "roberta-mlm-head",
        "roberta-mlm-head-lora",
        "xlm-roberta",
        "bert",
        "bert-full",
        "bert-pairs",
        "bert-pairs-full",
        "bert-mlm-full"
      })
  void trainsAsPeftDoes(String name) throws IOException {
    ReferenceRun run = new ReferenceRun(name);
    Path output = temporary.resolve(name);
    TrainConfig config = config(run);
    List<StepReport> steps = new ArrayList<>();
    TrainInputs inputs =
        new TrainInputs(
            config, run.model(), run.initAdapter(), data(run), Optional.empty(), output);
    TrainSummary summary = train(inputs, steps);

    assertThat(summary.trainableParameters()).isEqualTo(run.trainableParameters());
    assertSeries("loss", steps.stream().mapToDouble(StepReport::loss).toArray(), run, LOSS);
    assertSeries(
        "grad_norm", steps.stream().mapToDouble(StepReport::gradNorm).toArray(), run, 1e-3);
    assertResult(run, config, output);
    boolean full = config.method() == Method.FULL;
    assertLogits(run, "before", run.model(), run.initAdapter(), LOGITS_BEFORE);
    assertLogits(
        run,
        "after",
        full ? output : run.model(),
        full ? Optional.empty() : Optional.of(output),
        LOGITS_AFTER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "roberta-lora-fa",
        "roberta-lora",
        "roberta-lora-fa-frozen",
        "roberta-lora-frozen",
        "roberta-full",
        "roberta-multi",
        "roberta-regression",
        "roberta-mlm",
        "roberta-mlm-full",
        "roberta-mlm-head",
        "bert",
        "bert-full",
        "bert-pairs",
        "bert-pairs-full",
        "bert-mlm-full"
      })
  void firstGradientsAreAutogradsOfTransformers(String name) throws IOException {
    ReferenceRun run = new ReferenceRun(name);
    TrainConfig config = config(run);
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        HuggingFaceFolder folder =
            HuggingFaceFolder.open(run.model(), DType.FP32, Optional.of(config.objective()));
        TrainedModel trained = TrainedModel.open(config, folder, firstAdapter(run));
        Tape tape = new Tape();
        SafetensorsFile expected = SafetensorsFile.open(run.file("gradients.safetensors"))) {
      long[] rows = LongStream.range(0, config.batchSize()).toArray();
      TokenBatch batch = MicroBatches.of(data(run), rows, config.batchSize()).get(0);
      trained.model().trainStep(ModelInput.of(batch), tape);
      trained.trainables().averageAndNorm(batch.lossTerms());
      assertThat(tape.isEmpty()).isTrue();
      Map<String, Parameter> byName = trained.trainableByName();
      for (String key : expected.names()) {
        String parameter = key.startsWith(PREFIX) ? key.substring(PREFIX.length()) : key;
        Tensor actual = byName.get(parameter).gradient();
        if (parameter.endsWith(KEY_BIAS)) {
          assertThat(actual.abs().max().item_double()).as(parameter).isLessThan(1e-5);
        } else {
          TensorAssert.assertCloseToLargest(
              parameter, actual, expected.load(key, DType.FP32), FIRST_GRADIENT);
        }
      }
    }
  }

  private static Map<String, Tensor> firstAdapter(ReferenceRun run) {
    return run.initAdapter()
        .map(folder -> AdapterFiles.open(folder).load(DType.FP32))
        .orElse(Map.of());
  }

  /** The run's settings; PEFT names {@code score} as a head too, for models that call it so. */
  private static TrainConfig config(ReferenceRun run) throws IOException {
    TrainConfigBuilder builder = run.config();
    List<String> saved = builder.build().modulesToSave();
    builder.modulesToSave(
        saved.stream().filter(module -> !module.equals("score")).distinct().toList());
    String kind = run.text("kind");
    if (kind.equals("masked")) {
      return builder.task(Task.MASKED_LM).build();
    }
    TaskSettings.ProblemType type =
        switch (kind) {
          case "multi" -> TaskSettings.ProblemType.MULTI_LABEL;
          case "regression" -> TaskSettings.ProblemType.REGRESSION;
          default -> TaskSettings.ProblemType.SINGLE_LABEL;
        };
    boolean frozen = saved.isEmpty() && builder.build().method().adapts();
    return builder
        .task(Task.SEQUENCE_CLASSIFICATION)
        .taskSettings(settings -> settings.withFreezeHead(frozen).withProblemType(type))
        .build();
  }

  private static TokenStore data(ReferenceRun run) {
    return TokenStore.of(rows(run).stream().map(row -> example(row, run.text("kind"))).toList());
  }

  private static List<JsonNode> rows(ReferenceRun run) {
    boolean pairs = run.text("model").equals("bert-pairs");
    String file = pairs ? "bert-pairs.json" : "roberta-rows.json";
    List<JsonNode> rows = new ArrayList<>();
    ReferenceRun.read(ReferenceRun.folder(file)).get("rows").forEach(rows::add);
    return rows;
  }

  private static Example example(JsonNode row, String kind) {
    if (kind.equals("masked")) {
      return new Example(
          ReferenceRun.ints(row.get("masked_ids")),
          ReferenceRun.ints(row.get("masked")),
          LabelKind.SAME_TOKENS);
    }
    float[] numbers = new float[row.get(kind).size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = row.get(kind).get(i).floatValue();
    }
    Example example = Example.withNumbers(ReferenceRun.ints(row.get("input_ids")), numbers);
    return row.has("token_type_ids") ? example.withSecond(second(row)) : example;
  }

  /** The first token of the second text. */
  private static int second(JsonNode row) {
    return (int) IntStream.of(types(row)).filter(type -> type == 0).count();
  }

  private static int[] types(JsonNode row) {
    return row.has("token_type_ids") ? ReferenceRun.ints(row.get("token_type_ids")) : new int[0];
  }

  private static TrainSummary train(TrainInputs inputs, List<StepReport> steps) {
    TrainListener collecting =
        new TrainListener() {
          @Override
          public void onStep(StepReport report) {
            steps.add(report);
          }
        };
    try {
      return new Trainer(inputs, LocalCommunicator.group(1).get(0), List.of(collecting)).run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void assertSeries(
      String name, double[] actual, ReferenceRun run, double tolerance) {
    double[] expected = run.numbers(name.equals("loss") ? "losses" : name + "s");
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i])
          .as("%s of step %d", name, i + 1)
          .isCloseTo(expected[i], within(tolerance * Math.max(1, Math.abs(expected[i]))));
    }
  }

  private static void assertResult(ReferenceRun run, TrainConfig config, Path output) {
    if (run.file("adapter-final").toFile().isDirectory()) {
      try (Scope scope = new Scope();
          AdapterFiles ours = AdapterFiles.open(output);
          AdapterFiles theirs = AdapterFiles.open(run.file("adapter-final"))) {
        assertThat(ours.names()).isEqualTo(theirs.names());
        for (String name : theirs.names()) {
          boolean frozen = config.method() == Method.LORA_FA && name.endsWith(LoraModule.A_SUFFIX);
          TensorAssert.assertClose(
              name,
              ours.load(name, DType.FP32),
              theirs.load(name, DType.FP32),
              frozen ? 0 : RESULT);
        }
      }
    }
    if (run.file("final.safetensors").toFile().exists()) {
      try (Scope scope = new Scope();
          SafetensorsFile ours = SafetensorsFile.open(output.resolve("model.safetensors"));
          SafetensorsFile theirs = SafetensorsFile.open(run.file("final.safetensors"))) {
        assertThat(ours.names()).isEqualTo(theirs.names());
        for (String name : theirs.names()) {
          if (!name.endsWith(KEY_BIAS)) {
            TensorAssert.assertClose(
                name, ours.load(name, DType.FP32), theirs.load(name, DType.FP32), RESULT);
          }
        }
      }
    }
  }

  /**
   * Of the two rows that the script shows: the longest, and one with a padding token inside or an
   * empty second text.
   */
  private static void assertLogits(
      ReferenceRun run, String when, Path base, Optional<Path> adapter, double tolerance)
      throws IOException {
    Optional<Objective> objective = Optional.of(config(run).objective());
    boolean masked = run.text("kind").equals("masked");
    int[] shown = {10, 6};
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        AdaptedModel adapted = AdaptedModel.open(base, adapter, DType.FP32, objective);
        SafetensorsFile expected = SafetensorsFile.open(run.file("logits.safetensors"))) {
      for (int i = 0; i < shown.length; i++) {
        JsonNode row = rows(run).get(shown[i]);
        int[] ids = ReferenceRun.ints(row.get(masked ? "masked_ids" : "input_ids"));
        Tensor logits =
            ((Classifier) adapted.model()).logits(ids, types(row), new Sequences(0, ids.length));
        TensorAssert.assertClose(
            "logits " + when,
            masked ? logits : logits.view(-1),
            expected.load(when + "." + i, DType.FP32),
            tolerance);
      }
    }
  }
}
