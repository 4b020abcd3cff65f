package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.Generator;
import io.github.sparklorafa.infer.TextMetric;
import io.github.sparklorafa.model.AutoregressiveModel;
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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the tiny reference T5 writes for its rows, beside a tokenizer of 97 words. */
class WrittenEvaluationTest {
  private static final int WORDS = 97;
  private static final int ROWS = 12;

  @TempDir private Path folder;
  private Path model;

  @BeforeAll
  static void load() {
    Natives.load(1);
  }

  @BeforeEach
  void layOut() throws IOException {
    model = Files.createDirectories(folder.resolve("t5"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(ReferenceRun.folder("t5-relu").resolve(file), model.resolve(file));
    }
    String words =
        IntStream.range(0, WORDS)
            .mapToObj("\"w%1$d\": %1$d"::formatted)
            .collect(Collectors.joining(", "));
    Files.writeString(
        model.resolve("tokenizer.json"),
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
         "normalizer": null, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null,
         "decoder": null, "model": {"type": "WordLevel", "vocab": {%s}, "unk_token": "w3"}}
        """
            .formatted(words));
  }

  private static List<Example> rows() {
    List<Example> rows = new ArrayList<>();
    JsonNode all = ReferenceRun.read(ReferenceRun.folder("t5-batches.json")).get("rows");
    for (int i = 0; i < ROWS; i++) {
      int[] ids = ReferenceRun.ints(all.get(i).get("input_ids"));
      int[] labels = ReferenceRun.ints(all.get(i).get("labels"));
      rows.add(new Example(ids, labels, LabelKind.WRITTEN));
    }
    return rows;
  }

  @Test
  void measuresTheWholeCorpusOnAnyNumberOfWorkers() throws IOException {
    Map<String, Double> expected = expected();
    assertThat(expected.get("rouge_l")).isGreaterThan(0.005);
    for (int workers = 1; workers <= 3; workers++) {
      assertThat(scores(workers)).as("%d workers", workers).containsAllEntriesOf(expected);
    }
  }

  /** Row by row. */
  private Map<String, Double> expected() {
    List<Example> rows = rows();
    int longest =
        rows.stream()
            .mapToInt(row -> (int) IntStream.of(row.labels()).filter(id -> id >= 0).count())
            .max()
            .orElseThrow();
    long[] bleu = TextMetric.BLEU.none();
    long[] rouge = TextMetric.ROUGE_L.none();
    try (AdaptedModel t5 = AdaptedModel.open(model, Optional.empty(), DType.FP32);
        TextTokenizer tokenizer = TextTokenizer.open(model)) {
      Generator generator = new Generator((AutoregressiveModel) t5.model(), tokenizer);
      for (Example row : rows) {
        if (IntStream.of(row.labels()).allMatch(id -> id < 0)) {
          continue; // nothing is expected of this row, so it counts for nothing
        }
        String text = tokenizer.decode(generator.complete(row.ids(), longest + 16));
        int[] right = IntStream.of(row.labels()).filter(id -> id >= 0).toArray();
        TextMetric.BLEU.add(bleu, text, tokenizer.decode(right));
        TextMetric.ROUGE_L.add(rouge, text, tokenizer.decode(right));
      }
    }
    return Map.of("bleu", TextMetric.BLEU.value(bleu), "rouge_l", TextMetric.ROUGE_L.value(rouge));
  }

  private Map<String, Double> scores(int workers) throws IOException {
    TokenStore data = TokenStore.of(rows());
    TrainConfig config =
        TrainConfig.builder()
            .model("t5")
            .data("rows")
            .evalData("rows")
            .output("adapter")
            .task(Task.SEQ2SEQ)
            .workers(workers)
            .batchSize(5)
            .microBatchSize(2)
            .maxSteps(1)
            .evalEvery(1)
            // too small a rate to change a token
            .learningRate(1e-9)
            .stopping(s -> s.withMetric(MetricForBest.BLEU))
            .build();
    Path output = Files.createTempDirectory(folder, "run").resolve("adapter");
    TrainInputs inputs =
        new TrainInputs(config, model, Optional.empty(), data, Optional.of(data), output);
    ConcurrentLinkedQueue<Map<String, Double>> heard = new ConcurrentLinkedQueue<>();
    LocalTraining.train(
        workers,
        rank -> inputs,
        new TrainListener() {
          @Override
          public void onEvaluation(EvaluationReport report) {
            heard.add(report.scores());
          }
        });
    assertThat(heard).hasSize(workers);
    assertThat(heard.stream().distinct()).hasSize(1);
    return heard.peek();
  }
}
