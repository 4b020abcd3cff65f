package io.github.sparklorafa.train;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.AnswerScores;
import io.github.sparklorafa.infer.Completions;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.QualityRuns.Score;
import io.github.sparklorafa.train.QualityRuns.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Letters to tickets, by a LLaMA that has never seen a ticket: the share that is exactly right, of
 * 100 letters to choose by and of 100 others.
 */
final class QualityTickets {
  private static final Path DEMO =
      Path.of("src/main/resources/io/github/sparklorafa/demo").toAbsolutePath();
  private static final Path BASE = DEMO.resolve("base");
  private static final int LETTERS = 960;
  private static final int HELD_OUT = 200;
  private static final int STEPS = 60;
  private static final int BATCH = 16;
  private static final int LONGEST = 256;

  private final Path folder;

  /**
   * @param folder for what is trained
   */
  QualityTickets(Path folder) {
    this.folder = folder;
  }

  Score score(Setting setting) throws IOException, InterruptedException {
    try (TextTokenizer tokenizer = TextTokenizer.open(BASE)) {
      Path output = Files.createTempDirectory(folder, "run").resolve("output");
      TrainConfig config =
          setting
              .config()
              .batchSize(BATCH)
              .microBatchSize(BATCH)
              .maxSteps(STEPS * setting.passes())
              .maxLength(LONGEST)
              .build();
      TokenStore data = TokenStore.of(letters(tokenizer, "train.jsonl", LETTERS));
      try {
        new Trainer(
                new TrainInputs(config, BASE, Optional.empty(), data, Optional.empty(), output),
                LocalCommunicator.group(1).get(0),
                List.of())
            .run();
      } catch (TrainingException e) {
        return Score.BROKEN;
      }
      boolean adapts = setting.method().adapts();
      List<Example> heldOut = letters(tokenizer, "held-out.jsonl", HELD_OUT);
      try (AdaptedModel model =
          AdaptedModel.open(
              adapts ? BASE : output,
              adapts ? Optional.of(output) : Optional.empty(),
              DType.FP32)) {
        return new Score(
            exactMatch(model, tokenizer, heldOut.subList(0, HELD_OUT / 2)),
            exactMatch(model, tokenizer, heldOut.subList(HELD_OUT / 2, HELD_OUT)));
      }
    }
  }

  /** The share of the rows whose answer the model writes to the letter. */
  static double exactMatch(AdaptedModel model, TextTokenizer tokenizer, List<Example> rows) {
    AnswerScores scores =
        new AnswerScores(
            new Completions.Source(model.causal(), tokenizer, model.vocabSize(), 512), 64);
    scores.add(rows);
    return AnswerScores.values(scores.numbers()).get("exact_match");
  }

  /** The first rows of a file of the demo, all where it has fewer. */
  static List<Example> letters(TextTokenizer tokenizer, String file, long rows) throws IOException {
    Examples examples = Examples.limitedTo(LONGEST, tokenizer.vocabSize());
    List<Example> letters = new ArrayList<>();
    for (JsonNode row : QualityRuns.rows(DEMO.resolve(file)).stream().limit(rows).toList()) {
      examples
          .fromPromptAndCompletion(
              tokenizer, row.get("prompt").asText(), row.get("completion").asText())
          .example()
          .ifPresent(letters::add);
    }
    return letters;
  }
}
