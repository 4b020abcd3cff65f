package io.github.sparklorafa.train;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.ExampleRules;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.NumberLabels;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.ClassScores;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.Classifier;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.QualityRuns.Score;
import io.github.sparklorafa.train.QualityRuns.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The sentiment of sentences, by a RoBERTa that this software pre-trains on text first: the share
 * that is right, of one half of the held-out sentences to choose by and of the other.
 */
final class QualitySentiment {
  private static final int LONGEST = 64;
  private static final int BATCH = 32;
  private static final int TEXTS = 10_000;
  private static final int WARMUP = 43;
  private static final double HEAD_RATE = 1e-3;

  private final Path data;
  private final Path base;
  private final Path folder;

  /**
   * @param data the folder that {@code src/test/reference/make_quality.py} writes; gets {@code
   *     base}
   * @param folder for what is trained
   */
  QualitySentiment(Path data, Path folder) {
    this.data = data;
    this.base = data.resolve("base");
    this.folder = folder;
  }

  /** Masked language modelling of all weights, unless the base is there. */
  void preTrain() throws IOException, InterruptedException {
    if (Files.exists(base)) {
      return;
    }
    Path init = data.resolve("init");
    List<Example> texts = new ArrayList<>();
    try (TextTokenizer tokenizer = TextTokenizer.open(init)) {
      Examples examples = Examples.of(ExampleRules.sameTokens(LONGEST, tokenizer.vocabSize()));
      for (JsonNode row : QualityRuns.rows(data.resolve("text.jsonl"))) {
        examples.fromText(tokenizer, row.get("text").asText()).example().ifPresent(texts::add);
      }
    }
    TrainInputs inputs =
        new TrainInputs(
            preTraining(),
            init,
            Optional.empty(),
            TokenStore.of(texts.subList(0, TEXTS)),
            Optional.of(TokenStore.of(texts.subList(TEXTS, texts.size()))),
            base);
    new Trainer(inputs, LocalCommunicator.group(1).get(0), List.of(printing())).run();
  }

  private static TrainConfig preTraining() {
    return TrainConfig.builder()
        .model("init")
        .data("texts")
        .evalData("held out")
        .output("base")
        .workers(1)
        .task(Task.MASKED_LM)
        .taskSettings(task -> task.withMlmProbability(0.3))
        .method(Method.FULL)
        .learningRate(1e-3)
        .weightDecay(0.01)
        .beta2(0.98)
        .warmupSteps(100)
        .batchSize(BATCH)
        .microBatchSize(BATCH)
        .epochs(12)
        .evalEvery(313)
        .maxLength(LONGEST)
        .seed(1)
        .build();
  }

  private static TrainListener printing() {
    return new TrainListener() {
      @Override
      public void onEvaluation(EvaluationReport report) {
        System.out.printf("after %d: held out %.4f%n", report.step(), report.evalLoss());
      }
    };
  }

  Score score(Setting setting) throws IOException, InterruptedException {
    Path output = Files.createTempDirectory(folder, "run").resolve("output");
    boolean adapts = setting.method().adapts();
    TrainConfig config =
        setting
            .config()
            .task(Task.SEQUENCE_CLASSIFICATION)
            .taskSettings(task -> task.withNumLabels(2))
            .headLearningRate(adapts ? HEAD_RATE : 0)
            .warmupSteps(WARMUP)
            .batchSize(BATCH)
            .microBatchSize(BATCH)
            .epochs(setting.passes())
            .maxLength(LONGEST)
            .build();
    TokenStore rows = sentences("train.jsonl");
    TrainInputs inputs =
        new TrainInputs(config, base, Optional.empty(), rows, Optional.empty(), output);
    try {
      new Trainer(inputs, LocalCommunicator.group(1).get(0), List.of()).run();
    } catch (TrainingException e) {
      return Score.BROKEN;
    }
    try (AdaptedModel model =
        AdaptedModel.open(
            adapts ? base : output,
            adapts ? Optional.of(output) : Optional.empty(),
            DType.FP32,
            Optional.of(config.objective()))) {
      return new Score(
          accuracy(model, sentences("choose.jsonl")), accuracy(model, sentences("report.jsonl")));
    }
  }

  private static double accuracy(AdaptedModel model, TokenStore rows) {
    ClassScores scores =
        new ClassScores(
            (Classifier) model.model(),
            new Objective.Classification(2, Objective.Kind.SINGLE_LABEL));
    long[] all = LongStream.range(0, rows.rows()).toArray();
    MicroBatches.of(rows, all, 64).forEach(scores::add);
    return ClassScores.values(scores.numbers()).get("accuracy");
  }

  private TokenStore sentences(String file) throws IOException {
    List<Example> sentences = new ArrayList<>();
    try (TextTokenizer tokenizer = TextTokenizer.open(base)) {
      NumberLabels labels = new NumberLabels(NumberLabels.Type.CLASS, 2);
      Examples examples = Examples.of(ExampleRules.numbers(LONGEST, tokenizer.vocabSize(), labels));
      for (JsonNode row : QualityRuns.rows(data.resolve(file))) {
        examples
            .fromLabelledText(
                tokenizer, row.get("text").asText(), List.of(row.get("label").asInt()))
            .example()
            .ifPresent(sentences::add);
      }
    }
    return TokenStore.of(sentences);
  }
}
