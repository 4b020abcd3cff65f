package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts whose tokens are hidden anew in each step, on the tiny reference RoBERTa. */
class MaskedLmTest {
  private static final Path MODEL = ReferenceRun.folder("roberta-mlm");

  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    Natives.load(1);
  }

  private static TokenStore texts() {
    List<Example> texts = new ArrayList<>();
    for (JsonNode row : ReferenceRun.read(ReferenceRun.folder("roberta-rows.json")).get("rows")) {
      int[] ids = ReferenceRun.ints(row.get("input_ids"));
      texts.add(new Example(ids, ids.clone(), LabelKind.SAME_TOKENS));
    }
    return TokenStore.of(texts);
  }

  private static TrainConfigBuilder config(int workers, long seed) {
    return TrainConfig.builder()
        .model("roberta-mlm")
        .data("texts")
        .evalData("texts")
        .output("output")
        .task(Task.MASKED_LM)
        .method(Method.FULL)
        .workers(workers)
        .batchSize(8)
        .microBatchSize(workers + 1)
        .maxSteps(20)
        .evalEvery(5)
        .learningRate(5e-3)
        .seed(seed);
  }

  /** Training losses, and the evaluations' by the way. */
  private double[] losses(TrainConfig config, Queue<EvaluationReport> evaluations)
      throws IOException {
    TokenStore texts = texts();
    Path output = Files.createTempDirectory(folder, "run").resolve("output");
    TrainInputs inputs =
        new TrainInputs(config, MODEL, Optional.empty(), texts, Optional.of(texts), output);
    TrainListener listener =
        new TrainListener() {
          @Override
          public void onEvaluation(EvaluationReport report) {
            evaluations.add(report);
          }
        };
    return LocalTraining.train(config.workers(), rank -> inputs, listener).get(0).losses();
  }

  @Test
  void trainsOnTheSameHiddenTokensOnAnyNumberOfWorkers() throws IOException {
    Queue<EvaluationReport> one = new ConcurrentLinkedQueue<>();
    double[] losses = losses(config(1, 4).build(), one);
    assertThat(losses).hasSize(20).doesNotContain(Double.NaN);
    for (int workers = 2; workers <= 3; workers++) {
      Queue<EvaluationReport> several = new ConcurrentLinkedQueue<>();
      double[] others = losses(config(workers, 4).build(), several);
      for (int step = 0; step < losses.length; step++) {
        assertThat(others[step]).as("step %d", step + 1).isCloseTo(losses[step], within(1e-4));
      }
      for (EvaluationReport report : several) {
        EvaluationReport same =
            one.stream().filter(r -> r.step() == report.step()).findFirst().orElseThrow();
        assertThat(report.evalLoss()).isCloseTo(same.evalLoss(), within(1e-4));
        assertThat(report.scores().get("perplexity"))
            .isCloseTo(Math.exp(report.evalLoss()), within(1e-9));
      }
    }
  }

  @Test
  void learns() throws IOException {
    Queue<EvaluationReport> evaluations = new ConcurrentLinkedQueue<>();
    losses(config(1, 4).maxSteps(150).build(), evaluations);
    List<EvaluationReport> reports = List.copyOf(evaluations);
    assertThat(reports.get(reports.size() - 1).evalLoss())
        .isLessThan(reports.get(0).evalLoss() - 0.3);
  }

  /** With a rate that changes nothing only the hidden tokens could make a difference. */
  @Test
  void evaluatesOnTheSameHiddenTokensWhateverTheSeedAndTheStep() throws IOException {
    Queue<EvaluationReport> evaluations = new ConcurrentLinkedQueue<>();
    double[] first = losses(config(1, 4).learningRate(1e-9).build(), evaluations);
    double[] second = losses(config(1, 5).learningRate(1e-9).build(), evaluations);
    assertThat(first).isNotEqualTo(second);
    double expected = evaluations.peek().evalLoss();
    assertThat(evaluations)
        .hasSize(8)
        .allSatisfy(r -> assertThat(r.evalLoss()).isCloseTo(expected, within(1e-5)));
  }
}
