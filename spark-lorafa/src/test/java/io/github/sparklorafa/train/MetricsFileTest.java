package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsFileTest {
  @TempDir Path folder;

  @Test
  void writesALineAsItHappens() throws IOException {
    Path file = folder.resolve("new/metrics.jsonl");
    MetricsFile metrics = MetricsFile.create(file);
    metrics.onStart(new RunStart(0, 2, 20, 10, 100, 0));

    metrics.onStep(Reports.step(1, 7));
    assertThat(file)
        .hasContent(
            "{\"step\":1,\"epoch\":0.5,\"loss\":2.25,\"learning_rate\":0.001,\"grad_norm\":0.5,"
                + "\"tokens\":100,\"tokens_per_second\":200.0,\"bucket_bytes\":40,"
                + "\"tape_bytes\":7,\"seconds\":0.5,\"sync_seconds\":0.25,"
                + "\"sync_wait_seconds\":0.125,\"forward_seconds\":0.125,"
                + "\"backward_seconds\":0.25,\"data_seconds\":0.0625}");

    metrics.onEvaluation(new EvaluationReport(1, 0.5, 3.5, 0.25, Map.of("exact_match", 0.5)));
    assertThat(Files.readAllLines(file).get(1))
        .isEqualTo(
            "{\"step\":1,\"epoch\":0.5,\"eval_loss\":3.5,\"seconds\":0.25,\"exact_match\":0.5}");
  }

  @Test
  void beginsAgainWhenTrainingDoes() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    Files.writeString(file, "of another run\n");
    MetricsFile metrics = MetricsFile.create(file);
    metrics.onStep(Reports.step(1, 7));

    metrics.onStart(new RunStart(1, 2, 20, 10, 100, 0));

    assertThat(file).isEmptyFile();
  }

  @Test
  void goesOnWhereTrainingDoes() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    MetricsFile before = MetricsFile.create(file);
    before.onStart(new RunStart(0, 2, 20, 10, 100, 0));
    for (int step = 1; step <= 5; step++) {
      before.onStep(Reports.step(step, 7));
    }
    Files.writeString(file, "{\"step\":6,\"ep", StandardOpenOption.APPEND);

    MetricsFile metrics = MetricsFile.create(file);
    metrics.onStart(new RunStart(0, 2, 20, 10, 100, 4));
    metrics.onStep(Reports.step(5, 8));

    assertThat(Files.readAllLines(file)).hasSize(5);
    assertThat(Files.readAllLines(file).get(4)).contains("\"step\":5,", "\"tape_bytes\":8,");
  }

  @Test
  void refusesAPlaceThatCantBeWritten() {
    assertThatThrownBy(() -> MetricsFile.create(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot write metrics: " + folder);
  }
}
