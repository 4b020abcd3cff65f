package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.ExampleRules;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.NumberLabels;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.AnswerScores;
import io.github.sparklorafa.infer.ClassScores;
import io.github.sparklorafa.infer.Completions;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.Classifier;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.train.QualityRuns.Line;
import io.github.sparklorafa.train.QualityRuns.Score;
import io.github.sparklorafa.train.QualityRuns.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares full fine-tuning, LoRA and LoRA-FA on real tasks, and prints the tables of
 * docs/quality.md. The file in the system property {@code quality.results} keeps what was run, so
 * that an interrupted comparison goes on.
 */
@Tag("long")
class QualityTest {
  private static final Path DEMO =
      Path.of("src/main/resources/io/github/sparklorafa/demo").toAbsolutePath();
  private static final int LETTERS = 960;
  private static final int STEPS = 60;
  private static final int BATCH = 16;
  private static final int LONGEST = 64;
  private static final int TEXTS = 10_000;

  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    Natives.load(1);
  }

  private Path results() {
    String named = System.getProperty("quality.results");
    return named == null ? folder.resolve("results.jsonl") : Path.of(named);
  }

  /**
   * Letters to tickets, by a LLaMA that has never seen a ticket: the share that is exactly right.
   */
  @Test
  void ticketsOfLetters() throws Exception {
    QualityRuns runs = new QualityRuns("tickets", results(), this::ticketsThatAreRight);
    Line full = runs.line(Setting.of(Method.FULL, 0), 5e-4, 1e-3, 2e-3, 5e-3);
    Line lora = runs.line(Setting.of(Method.LORA, 0), 2e-3, 5e-3, 1e-2, 2e-2);
    Line loraFa = runs.line(Setting.of(Method.LORA_FA, 0), 5e-3, 1e-2, 2e-2, 5e-2);
    runs.line(loraFa(InitA.ORTHONORMAL, 16, GradientCorrectionMode.NONE), 5e-3, 1e-2, 2e-2);
    runs.line(loraFa(InitA.KAIMING, 32, GradientCorrectionMode.NONE), 5e-3, 1e-2, 2e-2);
    runs.line(Setting.of(Method.LORA_FA, 0).times(2), 5e-3, 1e-2, 2e-2);
    runs.line(Setting.of(Method.LORA, 0).times(2), 5e-3, 1e-2);
    runs.line(Setting.of(Method.FULL, 0).times(2), 5e-4, 1e-3);
    runs.line(loraFa(InitA.KAIMING, 16, GradientCorrectionMode.GRAM), 5e-3, 1e-2, 2e-2);
    runs.line(loraFa(InitA.KAIMING, 8, GradientCorrectionMode.NONE), 1e-2, 2e-2, 5e-2);
    assertNear(loraFa, lora);
    assertThat(full.mean()).isGreaterThan(loraFa.mean() - 0.02);
  }

  /**
   * The sentiment of sentences, by a RoBERTa that this software pre-trains on text first. Needs the
   * folder that {@code src/test/reference/make_quality.py} writes, as system property {@code
   * quality.data}.
   */
  @Test
  void sentimentOfSentences() throws Exception {
    Path data = sentimentData();
    preTrain(data);
    QualityRuns runs =
        new QualityRuns("sentiment", results(), s -> sentimentsThatAreRight(data, s));
    Line full = runs.line(Setting.of(Method.FULL, 0), 2e-4, 5e-4, 1e-3, 2e-3);
    Line lora = runs.line(Setting.of(Method.LORA, 0), 1e-3, 2e-3, 5e-3, 1e-2);
    Line loraFa = runs.line(Setting.of(Method.LORA_FA, 0), 1e-3, 2e-3, 5e-3, 1e-2, 2e-2);
    assertNear(loraFa, lora);
    assertThat(full.mean()).isGreaterThan(loraFa.mean() - 0.02);
  }

  /** The base alone. */
  @Test
  void aBaseOfItsOwn() throws Exception {
    preTrain(sentimentData());
  }

  private static Path sentimentData() {
    String data = System.getProperty("quality.data");
    assumeTrue(data != null, "no quality.data");
    return Path.of(data);
  }

  /** Masked language modelling of all weights, unless the base is there. */
  private void preTrain(Path data) throws IOException, InterruptedException {
    Path init = data.resolve("init");
    Path base = data.resolve("base");
    if (Files.exists(base)) {
      return;
    }
    List<Example> texts = new ArrayList<>();
    try (TextTokenizer tokenizer = TextTokenizer.open(init)) {
      Examples examples = Examples.of(ExampleRules.sameTokens(LONGEST, tokenizer.vocabSize()));
      for (JsonNode row : rows(data.resolve("text.jsonl"), Integer.MAX_VALUE)) {
        examples.fromText(tokenizer, row.get("text").asText()).example().ifPresent(texts::add);
      }
    }
    TrainConfig config =
        TrainConfig.builder()
            .model("init")
            .data("texts")
            .evalData("held out")
            .output("base")
            .workers(1)
            .task(Task.MASKED_LM)
            .method(Method.FULL)
            .learningRate(1e-3)
            .weightDecay(0.01)
            .warmupSteps(100)
            .batchSize(64)
            .microBatchSize(64)
            .epochs(5)
            .evalEvery(157)
            .maxLength(LONGEST)
            .seed(1)
            .build();
    TrainInputs inputs =
        new TrainInputs(
            config,
            init,
            Optional.empty(),
            TokenStore.of(texts.subList(0, TEXTS)),
            Optional.of(TokenStore.of(texts.subList(TEXTS, texts.size()))),
            base);
    new Trainer(inputs, LocalCommunicator.group(1).get(0), List.of(printing())).run();
  }

  private static TrainListener printing() {
    return new TrainListener() {
      @Override
      public void onStep(StepReport report) {
        if (report.step() % 20 == 0) {
          System.out.printf("%d %.4f%n", report.step(), report.loss());
        }
      }

      @Override
      public void onEvaluation(EvaluationReport report) {
        System.out.printf("after %d: held out %.4f%n", report.step(), report.evalLoss());
      }
    };
  }

  private Score sentimentsThatAreRight(Path data, Setting setting)
      throws IOException, InterruptedException {
    Path base = data.resolve("base");
    Path output = Files.createTempDirectory(folder, "run").resolve("output");
    TrainConfigBuilder builder =
        settings(setting)
            .task(Task.SEQUENCE_CLASSIFICATION)
            .taskSettings(task -> task.withNumLabels(2))
            .batchSize(32)
            .microBatchSize(32)
            .epochs(setting.passes())
            .maxLength(LONGEST);
    if (setting.method() != Method.FULL) {
      builder.headLearningRate(1e-3);
    }
    TrainConfig config = builder.build();
    TokenStore sentences = sentences(base, data.resolve("train.jsonl"));
    TrainInputs inputs =
        new TrainInputs(config, base, Optional.empty(), sentences, Optional.empty(), output);
    try {
      new Trainer(inputs, LocalCommunicator.group(1).get(0), List.of()).run();
    } catch (TrainingException e) {
      return new Score(0, 0);
    }
    boolean full = setting.method() == Method.FULL;
    try (AdaptedModel model =
        AdaptedModel.open(
            full ? output : base,
            full ? Optional.empty() : Optional.of(output),
            DType.FP32,
            Optional.of(config.objective()))) {
      return new Score(
          accuracy(model, sentences(base, data.resolve("choose.jsonl"))),
          accuracy(model, sentences(base, data.resolve("report.jsonl"))));
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

  private static TokenStore sentences(Path base, Path file) throws IOException {
    List<Example> sentences = new ArrayList<>();
    try (TextTokenizer tokenizer = TextTokenizer.open(base)) {
      NumberLabels labels = new NumberLabels(NumberLabels.Type.CLASS, 2);
      Examples examples = Examples.of(ExampleRules.numbers(LONGEST, tokenizer.vocabSize(), labels));
      for (JsonNode row : rows(file, Integer.MAX_VALUE)) {
        examples
            .fromLabelledText(
                tokenizer, row.get("text").asText(), List.of(row.get("label").asInt()))
            .example()
            .ifPresent(sentences::add);
      }
    }
    return TokenStore.of(sentences);
  }

  private static List<JsonNode> rows(Path file, int most) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> rows = new ArrayList<>();
    try (Stream<String> lines = Files.lines(file)) {
      for (String line : lines.limit(most).toList()) {
        rows.add(json.readTree(line));
      }
    }
    return rows;
  }

  /** Within what docs/quality.md tells of the two, and a little more for another CPU's rounding. */
  private static void assertNear(Line loraFa, Line lora) {
    assertThat(loraFa.mean()).isBetween(lora.mean() - 0.06, lora.mean() + 0.06);
  }

  private static Setting loraFa(InitA init, int rank, GradientCorrectionMode correction) {
    return new Setting(Method.LORA_FA, init, rank, correction, 1, 0, 1);
  }

  private Score ticketsThatAreRight(Setting setting) throws IOException, InterruptedException {
    Path base = DEMO.resolve("base");
    try (TextTokenizer tokenizer = TextTokenizer.open(base)) {
      Path output = Files.createTempDirectory(folder, "run").resolve("output");
      List<Example> heldOut = letters(tokenizer, "held-out.jsonl", 200);
      TrainConfig config =
          settings(setting)
              .batchSize(BATCH)
              .microBatchSize(BATCH)
              .maxSteps(STEPS * setting.passes())
              .maxLength(256)
              .build();
      TokenStore data = TokenStore.of(letters(tokenizer, "train.jsonl", LETTERS));
      try {
        new Trainer(
                new TrainInputs(config, base, Optional.empty(), data, Optional.empty(), output),
                LocalCommunicator.group(1).get(0),
                List.of())
            .run();
      } catch (TrainingException e) {
        return new Score(0, 0);
      }
      boolean full = setting.method() == Method.FULL;
      try (AdaptedModel model =
          AdaptedModel.open(
              full ? output : base, full ? Optional.empty() : Optional.of(output), DType.FP32)) {
        return new Score(
            exactMatch(model, tokenizer, heldOut.subList(0, 100)),
            exactMatch(model, tokenizer, heldOut.subList(100, heldOut.size())));
      }
    }
  }

  private static TrainConfigBuilder settings(Setting setting) {
    return TrainConfig.builder()
        .model("base")
        .data("rows")
        .output("output")
        .workers(1)
        .method(setting.method())
        .initA(setting.init())
        .rank(setting.rank())
        .alpha(2 * setting.rank())
        .gradientCorrection(setting.correction())
        .learningRate(setting.rate())
        .seed(setting.seed());
  }

  private static double exactMatch(
      AdaptedModel model, TextTokenizer tokenizer, List<Example> rows) {
    AnswerScores scores =
        new AnswerScores(
            new Completions.Source(model.causal(), tokenizer, model.vocabSize(), 512), 64);
    scores.add(rows);
    return AnswerScores.values(scores.numbers()).get("exact_match");
  }

  private static List<Example> letters(TextTokenizer tokenizer, String file, int rows)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    Examples examples = Examples.limitedTo(256, tokenizer.vocabSize());
    List<Example> letters = new ArrayList<>();
    try (Stream<String> lines = Files.lines(DEMO.resolve(file))) {
      for (String line : lines.limit(rows).toList()) {
        JsonNode row = json.readTree(line);
        examples
            .fromPromptAndCompletion(
                tokenizer, row.get("prompt").asText(), row.get("completion").asText())
            .example()
            .ifPresent(letters::add);
      }
    }
    return letters;
  }
}
