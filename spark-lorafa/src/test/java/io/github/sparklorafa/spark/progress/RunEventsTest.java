package io.github.sparklorafa.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.Reports;
import io.github.sparklorafa.train.RunStart;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.StepTimes;
import io.github.sparklorafa.train.WorkerReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.util.JsonProtocol;
import org.junit.jupiter.api.Test;

class RunEventsTest {
  private final List<SparkListenerEvent> posted = new ArrayList<>();
  private long now = 1_000_000;
  private final RunEvents events = new RunEvents(posted::add, () -> now);

  private static WorkerReport worker(int rank, long step) {
    return new WorkerReport(
        rank, "7", "host-<b>", 42, "cpu", step, 2.5, new StepTimes(0.5, 1, 0.75), 0.25, 9, 80);
  }

  private void everything() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("method", "lora-fa");
    settings.put("data", "<script>");
    events.begin(settings, List.of(new MethodCost("lora-fa", 1, 2, 3)));
    events.onWorker(worker(0, 0));
    events.onStart(new RunStart(0, 2, 20, 10, 100, 0));
    events.onStep(Reports.step(1, 5));
    events.onEvaluation(new EvaluationReport(1, 0.5, Double.NaN, 0.1, Map.of("bleu", 0.25)));
    events.onCheckpoint(1);
    events.onNote("from s3a://user:word@bucket/x");
    events.onWorker(worker(0, 1));
    events.succeeded("out", 1);
  }

  @Test
  void eventsComeBackFromTheLogAsTheyWere() {
    everything();

    assertThat(posted).hasSize(10);
    for (SparkListenerEvent event : posted) {
      String json = JsonProtocol.sparkEventToJsonString(event);
      assertThat(json).startsWith("{\"Event\":\"io.github.sparklorafa.spark.progress.Run");
      assertThat(JsonProtocol.sparkEventFromJson(json)).isEqualTo(event);
    }
  }

  @Test
  void theLogHasTheLastWordOfEachWorkerAlone() {
    everything();

    assertThat(posted.stream().filter(RunWorker.class::isInstance).map(RunWorker.class::cast))
        .extracting(RunWorker::step, RunWorker::logEvent)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(0L, false),
            org.assertj.core.groups.Tuple.tuple(1L, false),
            org.assertj.core.groups.Tuple.tuple(1L, true));
  }

  @Test
  void secretsAreTakenOut() {
    everything();

    assertThat(posted.toString()).doesNotContain("word").contains("from s3a://");
    posted.clear();
    events.failed(new IllegalStateException("Cannot read s3a://user:word@bucket/x (see)"));
    assertThat(((RunEnded) posted.get(posted.size() - 1)).failure())
        .isEqualTo("Cannot read s3a://" + Redaction.REDACTED + "@bucket/x (see)");
  }

  /** 100,000 steps within 50 s: the log has about 400, the bus some more. */
  @Test
  void aLongRunIsSampled() {
    events.begin(Map.of(), List.of());
    events.onStart(new RunStart(0, 2, 100_000, 10, 100, 0));
    for (long step = 1; step <= 100_000; step++) {
      now = 1_000_000 + step / 2;
      events.onStep(step(step, 100_000));
    }

    List<RunStep> steps =
        posted.stream().filter(RunStep.class::isInstance).map(RunStep.class::cast).toList();
    assertThat(steps.size()).isLessThan(600);
    assertThat(steps.stream().filter(RunStep::logEvent)).hasSizeBetween(400, 402);
    assertThat(posted.stream().filter(SparkListenerEvent::logEvent))
        .extracting(event -> JsonProtocol.sparkEventToJsonString(event).length())
        .satisfies(
            lengths ->
                assertThat(lengths.stream().mapToInt(Integer::intValue).sum())
                    .as("characters of the log")
                    .isLessThan(160_000));
    assertThat(steps.get(0).step()).isEqualTo(1);
    RunStep last = steps.get(steps.size() - 1);
    assertThat(last.step()).isEqualTo(100_000);
    assertThat(last.tokens()).as("of all steps, not only those that are told").isEqualTo(700_000);
    assertThat(last.sentBytes()).isEqualTo(900_000);
  }

  private static StepReport step(long step, long steps) {
    return new StepReport(step, steps, 0, 1, 0, 0, 7, 9, 0, 1, 0, 0, StepTimes.NONE);
  }
}
