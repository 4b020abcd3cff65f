package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.model.Classifier;
import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the tiny reference RoBERTa. */
class ClassEvaluationTest {
  private static final Path MODEL = ReferenceRun.folder("roberta");

  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    Natives.load(1);
  }

  private static List<Example> rows() {
    List<Example> rows = new ArrayList<>();
    for (JsonNode row : ReferenceRun.read(ReferenceRun.folder("roberta-rows.json")).get("rows")) {
      rows.add(
          Example.withNumbers(
              ReferenceRun.ints(row.get("input_ids")), row.get("single").get(0).asInt()));
    }
    return rows;
  }

  @Test
  void measuresTheWholeCorpusOnAnyNumberOfWorkers() throws IOException {
    double accuracy = accuracy();
    assertThat(accuracy).isStrictlyBetween(0.0, 1.0);
    Map<String, Double> first = scores(1);
    assertThat(first).containsOnlyKeys("accuracy", "f1", "f1_micro");
    assertThat(first.get("accuracy")).isEqualTo(accuracy);
    assertThat(first.get("f1_micro")).isEqualTo(accuracy);
    assertThat(scores(2)).isEqualTo(first);
    assertThat(scores(3)).isEqualTo(first);
  }

  /** Row by row, with the untrained model. */
  private static double accuracy() {
    TrainConfig config = config(1);
    int right = 0;
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        HuggingFaceFolder checkpoint =
            HuggingFaceFolder.open(MODEL, DType.FP32, Optional.of(config.objective()))) {
      Parameters parameters = new Parameters(checkpoint, name -> false);
      try (Classifier model = (Classifier) checkpoint.config().build(parameters, Adapter.NONE)) {
        for (Example row : rows()) {
          long said =
              model.logits(row.ids(), new Sequences(0, row.ids().length)).argmax().item_long();
          right += said == (int) Float.intBitsToFloat(row.labels()[0]) ? 1 : 0;
        }
      }
    }
    return (double) right / rows().size();
  }

  private static TrainConfig config(int workers) {
    return TrainConfig.builder()
        .model("roberta")
        .data("rows")
        .evalData("rows")
        .output("adapter")
        .task(Task.SEQUENCE_CLASSIFICATION)
        .taskSettings(settings -> settings.withNumLabels(3))
        .workers(workers)
        .batchSize(5)
        .microBatchSize(2)
        .maxSteps(1)
        .evalEvery(1)
        // too small a rate to change a class
        .learningRate(1e-9)
        .stopping(s -> s.withMetric(MetricForBest.F1))
        .build();
  }

  private Map<String, Double> scores(int workers) throws IOException {
    TokenStore data = TokenStore.of(rows());
    TrainInputs inputs =
        new TrainInputs(
            config(workers),
            MODEL,
            Optional.empty(),
            data,
            Optional.of(data),
            Files.createTempDirectory(folder, "run").resolve("adapter"));
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
