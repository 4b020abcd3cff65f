package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.Generator;
import io.github.sparklorafa.infer.TextMetric;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the demo's base and letters. */
class AnswerEvaluationTest {
  private static final Path DEMO =
      Path.of("src/main/resources/io/github/sparklorafa/demo").toAbsolutePath();
  private static final Path BASE = DEMO.resolve("base");
  private static final int LETTERS = 5;

  private static final List<String> PROMPTS = new ArrayList<>();
  private static final List<String> COMPLETIONS = new ArrayList<>();
  private static TokenStore letters;

  @TempDir private Path folder;

  @BeforeAll
  static void readLetters() throws IOException {
    Natives.load(1);
    ObjectMapper json = new ObjectMapper();
    List<Example> examples = new ArrayList<>();
    try (TextTokenizer tokenizer = TextTokenizer.open(BASE);
        Stream<String> lines = Files.lines(DEMO.resolve("held-out.jsonl"))) {
      for (String line : lines.limit(LETTERS).toList()) {
        JsonNode row = json.readTree(line);
        PROMPTS.add(row.get("prompt").asText());
        COMPLETIONS.add(row.get("completion").asText());
        examples.add(
            Examples.limitedTo(256, tokenizer.vocabSize())
                .fromPromptAndCompletion(
                    tokenizer, row.get("prompt").asText(), row.get("completion").asText())
                .example()
                .orElseThrow());
      }
    }
    letters = TokenStore.of(examples);
  }

  private static TrainConfigBuilder config(int workers) {
    return TrainConfig.builder()
        .model("base")
        .data("letters")
        .evalData("letters")
        .output("adapter")
        .workers(workers)
        .batchSize(3)
        .microBatchSize(2)
        .maxSteps(1)
        .evalEvery(1)
        // too small a rate to change a token, so that the base itself writes
        .learningRate(1e-9)
        .stopping(s -> s.withMetric(MetricForBest.ROUGE_L));
  }

  private Map<String, Double> scores(TrainConfig config, TokenStore rows) throws IOException {
    Path output = Files.createTempDirectory(folder, "run").resolve("adapter");
    TrainInputs inputs =
        new TrainInputs(config, BASE, Optional.empty(), letters, Optional.of(rows), output);
    ConcurrentLinkedQueue<Map<String, Double>> heard = new ConcurrentLinkedQueue<>();
    LocalTraining.train(
        config.workers(),
        rank -> inputs,
        new TrainListener() {
          @Override
          public void onEvaluation(EvaluationReport report) {
            heard.add(report.scores());
          }
        });
    assertThat(heard).hasSize(config.workers());
    assertThat(heard.stream().distinct()).hasSize(1);
    return heard.peek();
  }

  @Test
  void measuresWhatTheModelWritesForTheWholeCorpusOnAnyNumberOfWorkers() throws IOException {
    Map<String, Double> expected = expected();
    assertThat(expected.get("rouge_l")).isGreaterThan(0.05);
    for (int workers = 1; workers <= 3; workers++) {
      assertThat(scores(config(workers).build(), letters))
          .as("%d workers", workers)
          .containsAllEntriesOf(expected)
          .containsKey("perplexity");
    }
  }

  /** One letter after the other, from its text. */
  private static Map<String, Double> expected() {
    try (AdaptedModel base = AdaptedModel.open(BASE, Optional.empty(), DType.FP32);
        TextTokenizer tokenizer = TextTokenizer.open(BASE)) {
      int longest =
          COMPLETIONS.stream()
              .mapToInt(text -> tokenizer.encodeWithoutSpecialTokens(text).length + 1)
              .max()
              .orElseThrow();
      Generator generator = new Generator(base.causal(), tokenizer);
      long[] bleu = TextMetric.BLEU.none();
      long[] rouge = TextMetric.ROUGE_L.none();
      for (int i = 0; i < LETTERS; i++) {
        String written = generator.complete(PROMPTS.get(i), longest + 16);
        TextMetric.BLEU.add(bleu, written, COMPLETIONS.get(i));
        TextMetric.ROUGE_L.add(rouge, written, COMPLETIONS.get(i));
      }
      return Map.of(
          "bleu", TextMetric.BLEU.value(bleu),
          "rouge_l", TextMetric.ROUGE_L.value(rouge),
          "exact_match", 0.0);
    }
  }

  @Test
  void refusesRowsWithoutPrompts() {
    TokenStore texts = TokenStore.of(List.of(Example.of(5, 6, 7), Example.of(8, 9)));
    assertThatThrownBy(() -> scores(config(1).build(), texts))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith(
            "Cannot measure rouge_l: no row of the evaluation data has a prompt");
  }

  @Test
  void losesNoTimeWithAnswersThatNobodyAskedFor() throws IOException {
    TrainConfig config = config(1).stopping(s -> s.withMetric(MetricForBest.PERPLEXITY)).build();
    assertThat(scores(config, letters)).containsOnlyKeys("perplexity");
  }
}
