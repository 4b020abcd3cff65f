package io.github.sparklorafa.spark.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.markup.Markup;
import io.github.sparklorafa.spark.progress.MethodCost;
import io.github.sparklorafa.spark.progress.RunBegan;
import io.github.sparklorafa.spark.progress.RunCheckpoint;
import io.github.sparklorafa.spark.progress.RunEnded;
import io.github.sparklorafa.spark.progress.RunEvaluated;
import io.github.sparklorafa.spark.progress.RunNote;
import io.github.sparklorafa.spark.progress.RunStep;
import io.github.sparklorafa.spark.progress.RunTrains;
import io.github.sparklorafa.spark.progress.RunWorker;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.status.ElementTrackingStore;
import org.apache.spark.util.kvstore.InMemoryStore;
import org.junit.jupiter.api.Test;

class RunPageTest {
  private static final String HOSTILE = "<script>alert(\"x\")</script>";

  private final ElementTrackingStore store =
      new ElementTrackingStore(new InMemoryStore(), new SparkConf(false));

  private static RunBegan began(String run, long time) {
    return new RunBegan(
        run,
        time,
        Map.of("method", "lora-fa", "data", HOSTILE, "model", HOSTILE),
        List.of(
            new MethodCost("lora-fa", 1_000, 20_000, 300),
            new MethodCost("lora" + HOSTILE, 2_500_000, 30_000, 600)));
  }

  private static RunStep step(String run, long step, double loss) {
    return new RunStep(run, 3, true, step, 0.5, loss, 1e-3, 2, 1234, 1, 40, 900, 100, 40 * step);
  }

  private static List<SparkListenerEvent> events(String run) {
    return List.of(
        began(run, 1),
        new RunWorker(run, 2, false, 0, "1", HOSTILE, HOSTILE, 0, 0, 0, 0, 0, 0, 0, 0),
        new RunTrains(run, 2, 0, 1, 20, 10, 100, 0),
        step(run, 1, 4),
        step(run, 2, 3),
        step(run, 3, 2.5),
        new RunEvaluated(run, 4, 3, 0.5, 2.25, 1, Map.of("bleu", 0.5)),
        new RunCheckpoint(run, 4, 2),
        new RunNote(run, 5, "Attempt 1 of the training stage failed: " + HOSTILE),
        new RunTrains(run, 6, 1, 1, 20, 10, 100, 2),
        step(run, 3, 2.75),
        new RunWorker(run, 7, true, 0, "2", HOSTILE, HOSTILE, 3, 3, 1, 2, 0.5, 0.25, 900, 120));
  }

  private RunRecord record(String id) throws Exception {
    return store.read(RunRecord.class, id);
  }

  private static String page(RunRecord record) {
    return RunPage.content(new Markup(), record).toString();
  }

  @Test
  void namesAreTextWhateverTheyHold() throws Exception {
    RunListener listener = new RunListener(store, true);
    events("a").forEach(listener::onOtherEvent);
    listener.onOtherEvent(new RunEnded("a", 9, HOSTILE, HOSTILE, 0));

    String page = page(record("a"));

    assertThat(page).doesNotContain("<script").doesNotContain("alert(\"x");
    assertThat(page.split("&lt;script&gt;alert\\(&quot;x&quot;\\)&lt;/script&gt;", -1))
        .as("failure, output, method, host, device, note, data, model")
        .hasSize(9);
  }

  @Test
  void whatARetryDoesAgainIsShownOnce() throws Exception {
    RunListener listener = new RunListener(store, true);
    events("a").forEach(listener::onOtherEvent);

    RunRecord run = record("a");
    assertThat(run.attempts()).isEqualTo(2);
    assertThat(run.points()).extracting(RunStep::loss).containsExactly(4.0, 3.0, 2.75);
    assertThat(run.evaluations()).as("of a step that is void").isEmpty();
    assertThat(run.state()).isEqualTo(RunRecord.State.TRAINING);
    String page = page(run);
    assertThat(page).contains("Attempts: </strong>2").contains("1 written, after step 2");
    assertThat(page).contains("http-equiv=\"refresh\"");
  }

  /** Of 4 s in all: 2 forward, 0.5 backward, 0.25 waiting for the sum, 1 for rows. */
  @Test
  void sharesAddUp() throws Exception {
    RunListener listener = new RunListener(store, true);
    events("a").forEach(listener::onOtherEvent);

    assertThat(WorkerTable.shares(record("a").workerStates().get(0)))
        .containsExactly(0.5, 0.125, 0.0625, 0.25, 0.0625);
  }

  @Test
  void theHistoryServerSeesTheSame() throws Exception {
    RunListener live = new RunListener(store, true);
    ElementTrackingStore history =
        new ElementTrackingStore(new InMemoryStore(), new SparkConf(false));
    RunListener replayed = new RunListener(history, false);
    Stream<SparkListenerEvent> all =
        Stream.concat(
            events("a").stream(), Stream.of(new RunEnded("a", 9, "", "file:/adapter", 3)));
    all.forEach(
        event -> {
          live.onOtherEvent(event);
          replayed.onOtherEvent(event);
        });
    assertThat(history.count(RunRecord.class)).isZero();
    history.close(false);

    assertThat(history.read(RunRecord.class, "a")).isEqualTo(record("a"));
    assertThat(page(record("a"))).contains("done").contains("file:/adapter").contains("Best step");
  }

  @Test
  void theOldestRunsMakeRoom() throws Exception {
    RunListener listener = new RunListener(store, true);
    for (int i = 0; i < 101; i++) {
      listener.onOtherEvent(began("run-" + i, i));
      listener.onOtherEvent(new RunEnded("run-" + i, i, "", "out", 0));
    }
    listener.onOtherEvent(new RunNote("run-0", 9, "too late"));

    assertThat(store.count(RunRecord.class)).isEqualTo(100);
    assertThat(record("run-1").state()).isEqualTo(RunRecord.State.DONE);
  }

  @Test
  void bytesAreWrittenAsPlanWritesThem() {
    assertThat(Figures.bytes(999)).isEqualTo("999 B");
    assertThat(Figures.bytes(1_500)).isEqualTo("1.5 kB");
    assertThat(Figures.bytes(999_960)).isEqualTo("1.0 MB");
    assertThat(Figures.bytes(26_953_700_000L)).isEqualTo("27.0 GB");
    assertThat(Figures.duration(59_940)).isEqualTo("59.9 s");
    assertThat(Figures.duration(3_661_000)).isEqualTo("1:01:01");
  }
}
