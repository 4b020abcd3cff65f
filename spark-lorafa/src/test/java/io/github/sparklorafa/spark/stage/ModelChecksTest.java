package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.checkpoint.LlamaConfigParser;
import io.github.sparklorafa.checkpoint.ModelConfigParser;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.GradientCorrectionMode;
import io.github.sparklorafa.train.MemoryPlan;
import io.github.sparklorafa.train.MetricForBest;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.Task;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class ModelChecksTest {
  private static final LlamaConfig LLAMA_7B =
      new LlamaConfig(32000, 4096, 11008, 32, 32, 32, 128, 1e-5, 10000, false, 4096);

  private static TrainConfigBuilder config() {
    return TrainConfig.builder().model("m").data("d").output("o").dtype(DType.BF16);
  }

  private static List<String> problems(TrainConfig config, SparkConf conf) {
    return problems(config, LLAMA_7B, conf);
  }

  private static List<String> problems(TrainConfig config, LlamaConfig shape, SparkConf conf) {
    Problems problems = new Problems();
    ModelChecks.check(config, shape, new Cluster(conf, false, List.of(1)), problems);
    return problems.found();
  }

  @Test
  void refusesTargetsThatNoLayerHas() {
    List<String> targets = List.of("q_proj", "layers.31.mlp.up_proj", "query", "proj");
    assertThat(problems(config().targetModules(targets).build(), new SparkConf(false)))
        .containsExactly(
            "Cannot adapt target modules: query, proj (the model has no linear layer that ends so;"
                + " use all-linear or some of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj,"
                + " down_proj)");
  }

  @Test
  void namesTheLinearLayersOfTheModelThatThereIs() {
    LlamaConfig phi3 = LlamaConfigParser.fromJson("{\"model_type\": \"phi3\"}");
    TrainConfig config = config().targetModules(List.of("q_proj", "o_proj")).build();
    assertThat(problems(config, phi3, new SparkConf(false)))
        .containsExactly(
            "Cannot adapt target modules: q_proj (the model has no linear layer that ends so; use"
                + " all-linear or some of qkv_proj, o_proj, gate_up_proj, down_proj)");
  }

  @Test
  void refusesLengthsWithoutPositionsAndNotesThoseThatNobodyTrainedOn() {
    for (String learned : new String[] {"roberta", "bert"}) {
      int most = encoder(learned).maxPositionEmbeddings();
      Problems problems = new Problems();
      ModelChecks.checkLength(most, encoder(learned), problems);
      assertThat(problems.found()).isEmpty();
      ModelChecks.checkLength(0, encoder(learned), problems);
      assertThat(problems.found()).isEmpty();
      ModelChecks.checkLength(most + 1, encoder(learned), problems);
      assertThat(problems.found())
          .containsExactly(
              "Cannot use max length: %d (the model has positions for %d tokens: use that or less)"
                  .formatted(most + 1, most));
      assertThat(ModelChecks.lengthNote(most + 1, encoder(learned))).isEmpty();
    }
    assertThat(problems(config().maxLength(4097).build(), new SparkConf(false))).isEmpty();
    assertThat(ModelChecks.lengthNote(4097, LLAMA_7B))
        .hasValue(
            "Max length 4097 is beyond the 4096 tokens that the model was trained for: expect less"
                + " of longer texts");
    assertThat(ModelChecks.lengthNote(4096, LLAMA_7B)).isEmpty();
    assertThat(ModelChecks.lengthNote(9999, encoder("t5"))).isEmpty();
  }

  @Test
  void cutsRowsToWhatTheModelReadsWhereNobodySaysOtherwise() {
    ModelConfig small =
        ModelConfigParser.fromJson("{\"model_type\": \"bert\", \"max_position_embeddings\": 40}");
    assertThat(config().build().fittedTo(small).maxLength()).isEqualTo(40);
    assertThat(config().build().fittedTo(LLAMA_7B).maxLength()).isEqualTo(512);
    assertThat(config().maxLength(9).build().fittedTo(small).maxLength()).isEqualTo(9);
    assertThat(TrainingPlan.of(new SparkConf(false), config().build(), small).config().maxLength())
        .isEqualTo(40);
    assertThat(MemoryPlan.of(config().build(), small))
        .isEqualTo(MemoryPlan.of(config().maxLength(40).build(), small));

    Problems problems = new Problems();
    assertThat(ModelChecks.length(0, small, problems)).isEqualTo(40);
    assertThat(ModelChecks.length(7, small, problems)).isEqualTo(7);
    assertThat(ModelChecks.length(5000, LLAMA_7B, problems)).isEqualTo(5000);
    assertThat(problems.found()).isEmpty();
    int unused = ModelChecks.length(1, small, problems) + ModelChecks.length(41, small, problems);
    assertThat(problems.found())
        .containsExactly(
            "Cannot use max length: 1 (use 2 or more)",
            "Cannot use max length: 41 (the model has positions for 40 tokens: use that or less)");
  }

  @Test
  void refusesMetricsOfClassesWhereTheCheckpointForetellsNumbers() {
    TrainConfigBuilder asked =
        config()
            .task(Task.SEQUENCE_CLASSIFICATION)
            .evalData("e")
            .evalEvery(1)
            .targetModules(List.of("query"))
            .stopping(s -> s.withMetric(MetricForBest.parse("accuracy")));
    for (String type : List.of("regression", "multi_label_classification")) {
      ModelConfig shape =
          ModelConfigParser.fromJson(
              "{\"model_type\": \"bert\", \"problem_type\": \"%s\"}".formatted(type));
      Problems problems = new Problems();
      ModelChecks.checkMetric(asked.build(), shape.with(asked.build().objective()), problems);
      assertThat(problems.found())
          .hasSize(type.equals("regression") ? 1 : 0)
          .allMatch(
              problem ->
                  problem.startsWith(
                      "Cannot use metric for best: accuracy with problem type regression"));
    }
  }

  private static ModelConfig encoder(String modelType) {
    return ModelConfigParser.fromJson("{\"model_type\": \"" + modelType + "\"}");
  }

  @Test
  void refusesPatternsAndLayersThatMeetNothing() {
    TrainConfig config =
        config()
            .targetModules(List.of("q_proj", "v_proj"))
            .layersToTransform(List.of(3, 32, 40))
            .rankPattern(Map.of("layers.4.*", 2))
            .alphaPattern(Map.of("up_proj", 2.0, "3.self_attn.q_proj", 1.0))
            .build();
    assertThat(problems(config, new SparkConf(false)))
        .containsExactly(
            "Cannot use layers to transform: [32, 40] (the model has the layers 0 to 31)",
            "Cannot use rank pattern: layers.4.* (it matches the end of no adapted module's name,"
                + " such as model.layers.3.self_attn.q_proj)",
            "Cannot use alpha pattern: up_proj (it matches the end of no adapted module's name,"
                + " such as model.layers.3.self_attn.q_proj)");
    TrainConfig nothing =
        config().targetModules(List.of("q_proj")).excludeModules(List.of("q_proj")).build();
    assertThat(problems(nothing, new SparkConf(false)))
        .containsExactly(
            "Cannot adapt target modules: q_proj (layers to transform, modules to save or exclude"
                + " modules leave none of them)");
  }

  @Test
  void refusesModulesToSaveThatTheModelDoesNotHave() {
    List<String> saved = List.of("lm_head", "norm", "layers.0.mlp", "score");
    assertThat(problems(config().modulesToSave(saved).build(), new SparkConf(false)))
        .containsExactly(
            "Cannot train modules to save: [score] (the model has no module that ends so; lm_head"
                + " and embed_tokens are usual, and where they are tied, one of the two)");
    LlamaConfig tied =
        new LlamaConfig(32000, 4096, 11008, 32, 32, 32, 128, 1e-5, 10000, true, 4096);
    TrainConfig head = config().modulesToSave(List.of("lm_head")).build();
    assertThat(problems(head, tied, new SparkConf(false))).isEmpty();
  }

  @Test
  void refusesACorrectionWithoutAnInverse() {
    TrainConfigBuilder gram = config().gradientCorrection(GradientCorrectionMode.GRAM);
    assertThat(problems(gram.rank(4096).build(), new SparkConf(false))).isEmpty();
    assertThat(problems(gram.rank(4097).build(), new SparkConf(false)))
        .containsExactly(
            "Cannot use gradient correction: gram with rank 4097 in"
                + " model.layers.0.self_attn.q_proj (its input has 4096 numbers: use a rank up to"
                + " that, or gradient correction none)");
    TrainConfig wide = gram.targetModules(List.of("down_proj")).build();
    assertThat(problems(wide, new SparkConf(false))).isEmpty();
  }

  @Test
  void refusesAContainerThatIsTooSmall() {
    SparkConf yarn =
        new SparkConf(false).set("spark.master", "yarn").set("spark.executor.memory", "8g");
    assertThat(problems(config().build(), yarn))
        .singleElement()
        .asString()
        .matches(
            "Cannot fit a worker: about \\d+ MiB outside the heap are needed, and the executor's"
                + " container grants 819 MiB \\(set spark\\.executor\\.memoryOverhead=\\d+m or"
                + " more, or a smaller micro-batch size or max length, or recompute more; the plan"
                + " command shows what needs it\\)");
    yarn.set("spark.executor.memoryOverhead", "30g");
    assertThat(problems(config().build(), yarn)).isEmpty();
  }
}
