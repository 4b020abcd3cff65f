package io.github.sparklorafa.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.DeviceChoice;
import io.github.sparklorafa.train.GradientCorrectionMode;
import io.github.sparklorafa.train.MetricForBest;
import io.github.sparklorafa.train.OnNan;
import io.github.sparklorafa.train.Schedule;
import io.github.sparklorafa.train.Task;
import io.github.sparklorafa.train.TaskSettings.ProblemType;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.Transport;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.Params;
import org.junit.jupiter.api.Test;

class ParamsTest {
  /** Set by every setter in the next method. */
  private static LoraFaCausalLM everythingSet() {
    LoraFaCausalLM estimator =
        new LoraFaCausalLM("u")
            .setModel("m")
            .setDtype("bf16")
            .setBaseDtype("nf4")
            .setTextColumn("t")
            .setPromptColumn("p")
            .setCompletionColumn("c")
            .setInputIdsColumn("i")
            .setAttentionMaskColumn("a")
            .setTokenTypeIdsColumn("ty")
            .setLabelsColumn("l")
            .setTextPairColumn("tp")
            .setLabelColumn("la")
            .setMessagesColumn("me")
            .setInstructionColumn("ins")
            .setInputColumn("in")
            .setOutputColumn("out")
            .setMethod("lora")
            .setRank(3)
            .setAlpha(5.5)
            .setTargetModules("q_proj", "v_proj")
            .setExcludeModules("0.self_attn.q_proj")
            .setLayersToTransform(0, 2)
            .setRankPattern(Map.of("q_proj", 7))
            .setAlphaPattern(Map.of("v_proj", 4))
            .setLoraDropout(0.25)
            .setModulesToSave("lm_head")
            .setInitA("normal")
            .setInitAdapter("from")
            .setUseRslora(true)
            .setValidationIndicatorCol("v")
            .setOutput("o")
            .setWorkers(4)
            .setDevice("cpu")
            .setMaxLength(64)
            .setShuffle(false)
            .setPacking(true);
    return inTheEnd(
        estimator
            .setBatchSize(12)
            .setMicroBatchSize(6)
            .setRecompute("mlp")
            .setMemory("3g")
            .setEpochs(2.5)
            .setMaxSteps(7)
            .setLearningRate(0.01)
            .setSchedule("cosine")
            .setWarmupSteps(2)
            .setWeightDecay(0.1)
            .setBeta1(0.8)
            .setBeta2(0.99)
            .setEpsilon(1e-6)
            .setMaxGradNorm(0.5)
            .setHeadLearningRate(0.02)
            .setWireDtype("bf16")
            .setTransport("spark")
            .setSyncEvery(8));
  }

  private static LoraFaCausalLM inTheEnd(LoraFaCausalLM estimator) {
    return estimator
        .setSeed(9)
        .setEvalEvery(3)
        .setMetrics("x.jsonl")
        .setCheckpointDir("k")
        .setCheckpointEvery(11)
        .setKeepCheckpoints(3)
        .setResume("r")
        .setEarlyStoppingPatience(1)
        .setMetricForBest("eval_loss")
        .setOnNan("skip")
        .setPredictionCol("w")
        .setFinishReasonCol("f")
        .setTokensCol("n")
        .setMaxNewTokens(5)
        .setTemperature(0.5)
        .setTopK(8)
        .setTopP(0.9)
        .setRepetitionPenalty(1.25)
        .setStop("###")
        .setGenerationSeed(6)
        .setNumBeams(2)
        .setLengthPenalty(0.5)
        .setEarlyStopping("never")
        .setPredictionBatchSize(2)
        .setLossCol("lo")
        .setPerplexityCol("pe")
        .setLossTokensCol("lt");
  }

  private static TrainConfig expected() {
    return TrainConfig.builder()
        .task(Task.CAUSAL_LM)
        .model("m")
        .data("given")
        .evalData("given")
        .output("folder")
        .dtype(DType.BF16)
        .baseDtype(BaseDType.NF4)
        .columns(
            new Columns("t", "p", "c", "i", "a", "ty", "l", "tp", "la", "me", "ins", "in", "out"))
        .method(Method.LORA)
        .rank(3)
        .alpha(5.5)
        .targetModules(List.of("q_proj", "v_proj"))
        .excludeModules(List.of("0.self_attn.q_proj"))
        .layersToTransform(List.of(0, 2))
        .rankPattern(Map.of("q_proj", 7))
        .alphaPattern(Map.of("v_proj", 4.0))
        .loraDropout(0.25)
        .modulesToSave(List.of("lm_head"))
        .initA(InitA.NORMAL)
        .initAdapter("from")
        .useRslora(true)
        .workers(4)
        .device(DeviceChoice.CPU)
        .maxLength(64)
        .shuffle(false)
        .packing(true)
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
        .headLearningRate(0.02)
        .seed(9)
        .evalEvery(3)
        .metrics("x.jsonl")
        .checkpointing(c -> c.withDir("k").withEvery(11).withKept(3).withResume("r"))
        .stopping(s -> s.withPatience(1))
        .stopping(s -> s.withMetric(MetricForBest.EVAL_LOSS))
        .stopping(s -> s.withOnNan(OnNan.SKIP))
        .synchronisation(s -> s.withWireDtype("bf16").withEvery(8).with(Transport.SPARK))
        .build();
  }

  @Test
  void defaultsAreThoseOfTrain() {
    assertThat(Configs.of(new LoraFaCausalLM().setModel("m"), "o"))
        .isEqualTo(TrainConfig.builder().model("m").data("given").output("o").build());
    assertThat(Configs.of(new LoraFaCausalLM().setModel("m").setMethod("full"), "o").learningRate())
        .isEqualTo(
            TrainConfig.builder()
                .model("m")
                .data("d")
                .output("o")
                .method(Method.FULL)
                .build()
                .learningRate());
  }

  @Test
  void everyParamArrivesInTheTrainer() {
    LoraFaCausalLM estimator = everythingSet();
    List<String> asUsual = new ArrayList<>();
    for (Param<?> param : estimator.params()) {
      if (!estimator.isSet(param) || isDefault(estimator, param)) {
        asUsual.add(param.name());
      }
    }
    // Those that do not go with the others: see below.
    assertThat(asUsual)
        .containsExactly(
            "gradientCorrection", "groupByLength", "optimizer", "optimizerOptions", "tensorboard");
    assertThat(Configs.of(estimator, "folder")).isEqualTo(expected());

    LoraFaCausalLM other =
        new LoraFaCausalLM()
            .setModel("m")
            .setGradientCorrection("gram")
            .setGroupByLength(true)
            .setOptimizer("plain:momentum")
            .setOptimizerOptions("momentum=0.5")
            .setTensorboard("tb");
    assertThat(Configs.of(other, "o"))
        .isEqualTo(
            TrainConfig.builder()
                .model("m")
                .data("given")
                .output("o")
                .gradientCorrection(GradientCorrectionMode.GRAM)
                .groupByLength(true)
                .extras(
                    e ->
                        e.withOptimizer("plain:momentum")
                            .withOptimizerOptions(Map.of("momentum", "0.5"))
                            .withTensorboard("tb"))
                .build());
  }

  private static <V> boolean isDefault(Params owner, Param<V> param) {
    return owner.hasDefault(param)
        && param
            .jsonEncode(owner.getDefault(param).get())
            .equals(param.jsonEncode(owner.getOrDefault(param)));
  }

  @Test
  void everyParamCanBeEncodedAndDecoded() {
    LoraFaCausalLM estimator = everythingSet();
    for (Param<?> param : estimator.params()) {
      assertRoundTrip(estimator, param);
    }
  }

  private static <V> void assertRoundTrip(Params owner, Param<V> param) {
    String json = param.jsonEncode(owner.getOrDefault(param));
    assertThat(param.jsonEncode(param.jsonDecode(json))).as(param.name()).isEqualTo(json);
  }

  @Test
  void copiesAndExplains() {
    LoraFaCausalLM estimator = everythingSet();
    LoraFaCausalLM copy = estimator.copy(new ParamMap().put(estimator.rank(), (Object) 77));
    assertThat(copy.uid()).isEqualTo(estimator.uid());
    assertThat(copy.getRank()).isEqualTo(77);
    assertThat(estimator.getRank()).isEqualTo(3);
    assertThat(Configs.of(copy.setRank(3), "folder")).isEqualTo(expected());
    assertThat(new LoraFaCausalLM().explainParams())
        .contains("rank: Rank of the adapter. (default: 16)")
        .contains("model: Hugging Face checkpoint: a local path or any URI that Hadoop knows.")
        .contains("knows. (undefined)")
        .contains("which whole names match. (default: [all-linear])");
  }

  @Test
  void whatOnlyOneTaskHasArrivesToo() {
    assertThat(
            Configs.of(
                new LoraFaSequenceClassifier()
                    .setModel("m")
                    .setNumLabels(3)
                    .setProblemType("multi-label")
                    .setFreezeHead(true),
                "o"))
        .isEqualTo(
            TrainConfig.builder()
                .task(Task.SEQUENCE_CLASSIFICATION)
                .taskSettings(
                    usual ->
                        usual
                            .withNumLabels(3)
                            .withProblemType(ProblemType.MULTI_LABEL)
                            .withFreezeHead(true))
                .model("m")
                .data("given")
                .output("o")
                .build());
    // The columns that come out follow from it, and are known before a checkpoint is read.
    assertThat(Configs.of(new LoraFaSequenceClassifier().setModel("m"), "o"))
        .isEqualTo(
            TrainConfig.builder()
                .task(Task.SEQUENCE_CLASSIFICATION)
                .taskSettings(usual -> usual.withProblemType(ProblemType.SINGLE_LABEL))
                .model("m")
                .data("given")
                .output("o")
                .build());
    assertThat(Configs.of(new LoraFaSeq2Seq().setModel("m").setMaxTargetLength(9), "o"))
        .isEqualTo(
            TrainConfig.builder()
                .task(Task.SEQ2SEQ)
                .taskSettings(usual -> usual.withMaxTargetLength(9))
                .model("m")
                .data("given")
                .output("o")
                .build());
  }

  @Test
  void listsWorkAsArraysDo() {
    LoraFaCausalLM estimator =
        new LoraFaCausalLM()
            .setTargetModules(List.of("q_proj"))
            .setLayersToTransform(List.of(1, 3));
    assertThat(estimator.getTargetModules()).containsExactly("q_proj");
    assertThat(estimator.getLayersToTransform()).containsExactly(1, 3);
  }

  @Test
  void refusesWordsThatAreNoChoiceAtOnce() {
    assertThatThrownBy(() -> new LoraFaCausalLM("u").setMethod("lor"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("u parameter method given invalid value lor");
  }

  @Test
  void reportsAllProblemsAtOnce() {
    assertThatThrownBy(() -> Configs.of(new LoraFaCausalLM().setRank(0).setBatchSize(0), "o"))
        .hasMessage(
            "Cannot train without model: nothing given (name the folder of a Hugging Face"
                + " checkpoint)\n"
                + "Cannot use rank: 0 (use 1 or more)\n"
                + "Cannot use batch size: 0 (use 1 or more)");
  }

  /** Spark and Py4J call what they find by reflection, which refuses methods of hidden types. */
  @Test
  void everyMethodCanBeCalledByReflection() {
    for (Class<?> type :
        List.of(
            LoraFaCausalLM.class,
            LoraFaCausalLMModel.class,
            LoraFaSequenceClassifier.class,
            LoraFaSequenceClassifierModel.class,
            LoraFaSeq2Seq.class,
            LoraFaSeq2SeqModel.class,
            TextEvaluator.class)) {
      assertThat(
              Arrays.stream(type.getMethods())
                  .filter(method -> !Modifier.isPublic(method.getDeclaringClass().getModifiers())))
          .as(type.getName())
          .isEmpty();
    }
  }

  @Test
  void theModelKnowsTheParamsOfPredictionOnly() {
    assertThat(Stream.of(new LoraFaCausalLMModel("m").params()).map(Param::name))
        .containsExactlyInAnyOrder(
            "model",
            "dtype",
            "baseDtype",
            "textColumn",
            "textPairColumn",
            "promptColumn",
            "completionColumn",
            "inputIdsColumn",
            "attentionMaskColumn",
            "tokenTypeIdsColumn",
            "labelsColumn",
            "labelColumn",
            "messagesColumn",
            "instructionColumn",
            "inputColumn",
            "outputColumn",
            "maxLength",
            "lossCol",
            "perplexityCol",
            "lossTokensCol",
            "predictionCol",
            "finishReasonCol",
            "tokensCol",
            "maxNewTokens",
            "temperature",
            "topK",
            "topP",
            "repetitionPenalty",
            "stop",
            "generationSeed",
            "numBeams",
            "lengthPenalty",
            "earlyStopping",
            "predictionBatchSize");
  }
}
