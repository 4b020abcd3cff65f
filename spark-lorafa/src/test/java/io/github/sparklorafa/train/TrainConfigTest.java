package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.collective.WireDType;
import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.AdapterPatterns;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.TaskSettings.ProblemType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TrainConfigTest {
  /** They do not go with what everything() has. */
  private static final Set<String> UNVARIED =
      Set.of("packing", "gradientCorrection", "groupByLength");

  private static TrainConfigBuilder required() {
    return TrainConfig.builder().model("m").data("d").output("o");
  }

  private static TrainConfig everything() {
    return required()
        .task(Task.SEQUENCE_CLASSIFICATION)
        .taskSettings(
            t ->
                t.withNumLabels(3)
                    .withProblemType(ProblemType.MULTI_LABEL)
                    .withFreezeHead(true)
                    .withMlmProbability(0.2)
                    .withMaxTargetLength(9))
        .format(DataFormat.CSV)
        .evalData("e")
        .columns(new Columns("t", "p", "c", "i", "a", "ty", "l", "tp", "la", "m", "in", "ip", "o"))
        .reading(r -> r.withOptions(Map.of("sep", ";")).withWhere("a > 1").withEvalWhere("b = 2"))
        .method(Method.LORA)
        .rank(3)
        .alpha(5)
        .targetModules(List.of("q_proj"))
        .excludeModules(List.of("0.self_attn.q_proj"))
        .layersToTransform(List.of(0, 2))
        .rankPattern(Map.of("q_proj", 7))
        .alphaPattern(Map.of("q_proj", 0.5))
        .loraDropout(0.25)
        .modulesToSave(List.of("lm_head"))
        .initA(InitA.NORMAL)
        .initAdapter("a")
        .useRslora(true)
        .workers(4)
        .device(DeviceChoice.CPU)
        .dtype(DType.BF16)
        .baseDtype(BaseDType.NF4)
        .batchSize(12)
        .microBatchSize(6)
        .recompute(Recompute.MLP)
        .memory(3L << 30)
        .epochs(2.5)
        .maxSteps(7)
        .learningRate(0.01)
        .schedule(Schedule.COSINE)
        .warmupSteps(2)
        .weightDecay(0.1)
        .beta1(0.8)
        .beta2(0.99)
        .epsilon(1e-6)
        .maxGradNorm(0.5)
        .maxLength(64)
        .shuffle(false)
        .seed(9)
        .evalEvery(3)
        .metrics("x.jsonl")
        .headLearningRate(0.02)
        .checkpointing(c -> c.withDir("c").withEvery(11).withKept(3).withResume("r"))
        .stopping(s -> s.withPatience(1))
        .stopping(s -> s.withMetric(MetricForBest.LOSS))
        .stopping(s -> s.withOnNan(OnNan.SKIP))
        .synchronisation(s -> s.withWireDtype("bf16").withEvery(8).with(Transport.SPARK))
        .extras(e -> e.withTensorboard("tb"))
        .build();
  }

  @ParameterizedTest
  @CsvSource({"LORA_FA, 2e-3", "LORA, 5e-4", "FULL, 5e-5"})
  void theLearningRateIsTheMethodsWhereNoneIsGiven(Method method, double usual) {
    assertThat(required().method(method).build().learningRate()).isEqualTo(usual);
    assertThat(required().learningRate(3).method(method).build().learningRate()).isEqualTo(3);
  }

  @Test
  void defaults() {
    TrainConfig config = required().build();

    assertThat(config)
        .isEqualTo(
            new TrainConfig(
                Task.CAUSAL_LM,
                new TaskSettings(0, ProblemType.AUTO, false, 0.15, 0),
                "m",
                "d",
                DataFormat.PARQUET,
                "",
                Columns.USUAL,
                Reading.ALL,
                "o",
                Method.LORA_FA,
                16,
                32,
                List.of("all-linear"),
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                0,
                List.of(),
                InitA.KAIMING,
                "",
                GradientCorrectionMode.NONE,
                false,
                2,
                DeviceChoice.AUTO,
                DType.FP32,
                BaseDType.FP32,
                8,
                4,
                Recompute.NONE,
                0,
                1,
                0,
                2e-3,
                Schedule.LINEAR,
                0,
                0,
                0.9,
                0.999,
                1e-8,
                1,
                0,
                true,
                false,
                false,
                42,
                0,
                "",
                0,
                new Checkpointing("", 100, 2, "auto"),
                new Stopping(0, MetricForBest.NONE, OnNan.STOP),
                new Synchronisation(WireDType.FP32, 1, Transport.AUTO),
                new Extras("adamw", Map.of(), "")));
  }

  @Test
  void everyFieldIsMapped() throws ReflectiveOperationException {
    TrainConfig defaults = required().model("?").data("?").output("?").build();
    TrainConfig config = everything();

    assertDiffer(config, defaults);
    assertDiffer(config.taskSettings(), defaults.taskSettings());
    assertDiffer(config.checkpointing(), defaults.checkpointing());
    assertDiffer(config.stopping(), defaults.stopping());
    assertDiffer(config.synchronisation(), defaults.synchronisation());
    assertThat(required().gradientCorrection(GradientCorrectionMode.GRAM).build())
        .extracting(TrainConfig::gradientCorrection)
        .isEqualTo(GradientCorrectionMode.GRAM);
    assertThat(required().groupByLength(true).build().groupByLength()).isTrue();
    assertThat(required().packing(true).build().packing()).isTrue();
    assertThat(config.adapter())
        .isEqualTo(
            new AdapterConfig(
                3,
                5,
                List.of("q_proj"),
                List.of("lm_head"),
                true,
                new AdapterPatterns(
                    Map.of("q_proj", 7),
                    Map.of("q_proj", 0.5),
                    List.of(0, 2),
                    List.of(),
                    List.of("0.self_attn.q_proj")),
                0.25));
  }

  private static void assertDiffer(Record one, Record other) throws ReflectiveOperationException {
    for (RecordComponent field : one.getClass().getRecordComponents()) {
      if (!UNVARIED.contains(field.getName())) {
        assertThat(field.getAccessor().invoke(one))
            .as(field.getName())
            .isNotEqualTo(field.getAccessor().invoke(other));
      }
    }
  }

  @Test
  void travelsInClosures() throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(everything());
    }

    Object copy = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();

    assertThat(copy).isEqualTo(everything());
  }

  @ParameterizedTest
  @MethodSource({"wrongPathsAndAdapters", "wrongRuns", "wrongReports"})
  void refuses(UnaryOperator<TrainConfigBuilder> change, String message) {
    TrainConfigBuilder builder = change.apply(required());

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  static Stream<Arguments> wrongPathsAndAdapters() {
    return Stream.of(
        refusal(
            b -> b.model(""),
            "Cannot train without model: nothing given (name the folder of a Hugging Face"
                + " checkpoint)"),
        refusal(
            b -> b.data(" "), "Cannot train without data: nothing given (name a path or table)"),
        refusal(
            b -> b.output(""),
            "Cannot train without output: nothing given (name a folder that does not exist yet)"),
        refusal(b -> b.rank(0), "Cannot use rank: 0 (use 1 or more)"),
        refusal(b -> b.alpha(0), "Cannot use alpha: 0.0 (use a number above 0)"),
        refusal(
            b -> b.targetModules(List.of()),
            "Cannot use target modules: none (name modules, or all-linear)"),
        refusal(
            b -> b.targetModules(List.of("regex:.*[")),
            "Cannot read regular expression: .*[ (Unclosed character class; write it as Python's re"
                + " reads it)"),
        refusal(
            b -> b.targetModules(List.of("regex:.*q_proj", "v_proj")),
            "Cannot match modules: regex:.*q_proj, v_proj (a regular expression stands alone: write"
                + " the names into it)"),
        refusal(
            b -> b.targetModules(List.of("regex:.*q_proj")).layersToTransform(List.of(1)),
            "Cannot use layers to transform: [1] with target modules regex:.*q_proj (PEFT refuses"
                + " both together: write the layers into the expression)"),
        refusal(
            b -> b.layersToTransform(List.of(-1)),
            "Cannot use layers to transform: [-1] (layers count from 0)"),
        refusal(
            b -> b.excludeModules(List.of("all-linear")),
            "Cannot use exclude modules: all-linear (name modules, or use method full)"),
        refusal(
            b -> b.rankPattern(Map.of("q_proj", 0)),
            "Cannot use rank pattern: q_proj=0 (use ranks of 1 or more)"),
        refusal(
            b -> b.loraDropout(1), "Cannot use LoRA dropout: 1.0 (use a number from 0 to below 1)"),
        refusal(
            b -> b.alphaPattern(Map.of("q_proj", Double.NaN)),
            "Cannot use alpha pattern: q_proj=NaN (use numbers above 0)"),
        refusal(
            b -> b.method(Method.LORA).gradientCorrection(GradientCorrectionMode.GRAM),
            "Cannot use gradient correction: gram with method lora (it needs a frozen A: use method"
                + " lora-fa, or gradient correction none)"),
        refusal(
            b -> b.method(Method.FULL).initAdapter("a"),
            "Cannot use initial adapter: a with method full (use method lora-fa or lora)"),
        refusal(
            b -> b.method(Method.FULL).modulesToSave(List.of("lm_head")),
            "Cannot use modules to save: [lm_head] with method full (it trains and saves all"
                + " modules: leave them out)"),
        refusal(
            b -> b.modulesToSave(List.of("all-linear")),
            "Cannot use modules to save: all-linear (name modules, or use method full to train"
                + " all)"));
  }

  static Stream<Arguments> wrongRuns() {
    return Stream.of(
        refusal(
            b -> b.taskSettings(t -> t.withNumLabels(-1)),
            "Cannot use number of labels: -1 (use 0 or more)"),
        refusal(
            b -> b.taskSettings(t -> t.withNumLabels(2)),
            "Cannot use number of labels: 2 with task causal-lm (use task sequence-classification)"),
        refusal(
            b -> b.taskSettings(t -> t.withFreezeHead(true)),
            "Cannot use freeze head: true with task causal-lm (modules that are not named are frozen"
                + " already)"),
        refusal(
            b -> b.taskSettings(t -> t.withMlmProbability(1)),
            "Cannot use mlm probability: 1.0 (use a share between 0 and 1, such as 0.15)"),
        refusal(
            b -> b.taskSettings(t -> t.withMaxTargetLength(-1)),
            "Cannot use max target length: -1 (use 0 or more)"),
        refusal(
            b -> b.task(Task.SEQ2SEQ).packing(true),
            "Cannot use packing: true with task seq2seq (use group by length)"),
        refusal(b -> b.workers(0), "Cannot use workers: 0 (use 1 or more)"),
        refusal(b -> b.batchSize(0), "Cannot use batch size: 0 (use 1 or more)"),
        refusal(b -> b.microBatchSize(-1), "Cannot use micro-batch size: -1 (use 0 or more)"),
        refusal(b -> b.epochs(0), "Cannot use epochs: 0.0 (use a number above 0)"),
        refusal(b -> b.maxSteps(-1), "Cannot use max steps: -1 (use 0 or more)"),
        refusal(b -> b.maxLength(1), "Cannot use max length: 1 (use 2 or more)"),
        refusal(
            b -> b.microBatchSize(4).maxLength(1 << 29),
            "Cannot use micro-batch size: 4 with max length 536870912 (a micro-batch has at most"
                + " 2147483647 tokens: lower one of the two)"),
        refusal(
            b -> b.groupByLength(true).shuffle(false),
            "Cannot use group by length: true with shuffle false (grouping changes the order of the"
                + " rows: use shuffle true)"),
        refusal(
            b -> b.groupByLength(true).packing(true),
            "Cannot use group by length: true with packing true (packed sequences are of like"
                + " length already: use one of the two)"),
        refusal(
            b -> b.learningRate(Double.NaN),
            "Cannot use learning rate: NaN (use a number above 0)"),
        refusal(b -> b.warmupSteps(-1), "Cannot use warm-up steps: -1 (use 0 or more)"),
        refusal(b -> b.weightDecay(-0.1), "Cannot use weight decay: -0.1 (use 0 or more)"),
        refusal(b -> b.beta1(1), "Cannot use beta1: 1.0 (use a number from 0 to below 1)"),
        refusal(b -> b.beta2(-1), "Cannot use beta2: -1.0 (use a number from 0 to below 1)"),
        refusal(b -> b.epsilon(0), "Cannot use epsilon: 0.0 (use a number above 0)"),
        refusal(b -> b.maxGradNorm(-1), "Cannot use max grad norm: -1.0 (use 0 or more)"));
  }

  static Stream<Arguments> wrongReports() {
    return Stream.of(
        refusal(
            b -> b.stopping(s -> s.withMetric(MetricForBest.ACCURACY)).evalData("e").evalEvery(1),
            "Cannot use metric for best: accuracy with task causal-lm (use none, eval_loss, loss,"
                + " perplexity, bleu, rouge_l, exact_match)"),
        refusal(b -> b.evalEvery(-1), "Cannot use eval every: -1 (use 0 or more)"),
        refusal(
            b -> b.evalEvery(5),
            "Cannot evaluate every 5 steps: no evaluation data (name eval data too)"),
        refusal(
            b -> b.headLearningRate(0.1),
            "Cannot use head learning rate: 0.1 without modules to save (name them, such as"
                + " lm_head)"),
        refusal(
            b -> b.checkpointing(c -> c.withEvery(0)),
            "Cannot use checkpoint every: 0 (use 1 or more)"),
        refusal(
            b -> b.checkpointing(c -> c.withKept(0)),
            "Cannot use keep checkpoints: 0 (use 1 or more)"),
        refusal(
            b -> b.checkpointing(c -> c.withResume(" ")),
            "Cannot use resume: nothing given (use auto, never or a checkpoint's path)"),
        refusal(
            b -> b.stopping(s -> s.withPatience(-1)),
            "Cannot use early stopping patience: -1 (use 0 or more)"),
        refusal(
            b -> b.stopping(s -> s.withPatience(2)),
            "Cannot find the best step: by eval_loss, but nothing is evaluated on the way (name"
                + " eval data and eval every)"));
  }

  @Test
  void reportsAllProblemsAtOnce() {
    assertThatThrownBy(() -> TrainConfig.builder().rank(0).batchSize(0).build())
        .hasMessageContaining("Cannot train without model")
        .hasMessageContaining("Cannot train without data")
        .hasMessageContaining("Cannot train without output")
        .hasMessageContaining("Cannot use rank: 0")
        .hasMessageContaining("Cannot use batch size: 0");
  }

  @Test
  void namesAreKebabCase() {
    assertThat(Task.parse("causal-lm").text()).isEqualTo("causal-lm");
    assertThat(GradientCorrectionMode.parse("gram")).isEqualTo(GradientCorrectionMode.GRAM);
    assertThat(DeviceChoice.parse("auto")).isEqualTo(DeviceChoice.AUTO);
    assertThatThrownBy(() -> Schedule.parse("COSINE"))
        .hasMessage("Cannot use schedule: COSINE (use constant, linear, cosine)");
  }

  private static Arguments refusal(UnaryOperator<TrainConfigBuilder> change, String message) {
    return Arguments.of(change, message);
  }
}
