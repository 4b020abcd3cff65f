package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.AnswerScores;
import io.github.sparklorafa.infer.Completions;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
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
    runs.line(loraFa(InitA.KAIMING, 8, GradientCorrectionMode.NONE), 1e-2, 2e-2, 5e-2);
    runs.line(loraFa(InitA.KAIMING, 16, GradientCorrectionMode.GRAM), 5e-3, 1e-2, 2e-2);
    assertThat(loraFa.most()).isGreaterThanOrEqualTo(Math.min(lora.least(), full.least()));
  }

  private static Setting loraFa(InitA init, int rank, GradientCorrectionMode correction) {
    return new Setting(Method.LORA_FA, init, rank, correction, 0, 1);
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
              .maxSteps(STEPS)
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
