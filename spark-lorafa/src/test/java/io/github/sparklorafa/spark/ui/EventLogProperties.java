package io.github.sparklorafa.spark.ui;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.status.ElementTrackingStore;
import org.apache.spark.util.JsonProtocol;
import org.apache.spark.util.kvstore.InMemoryStore;

/** Event logs from anywhere, as the History Server reads and shows them. */
class EventLogProperties {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EVENT = "Event";
  private static final String RUN = "run-1";
  private static final String HOSTILE = "<script>alert(\"x\")</script>";

  private static final List<SparkListenerEvent> EVENTS =
      List.of(
          new RunBegan(
              RUN,
              1,
              Map.of("method", HOSTILE, HOSTILE, "x"),
              List.of(
                  new MethodCost("lora-fa", 1_000, 20_000, 300),
                  new MethodCost(HOSTILE, 2_500_000, 30_000, 600))),
          new RunTrains(RUN, 2, 0, 2, 20, 10, 100, 0),
          new RunStep(RUN, 3, true, 1, 0.5, 4, 1e-3, 2, 1234, 1, 40, 900, 100, 40),
          new RunStep(RUN, 3, true, 2, 0.5, 3, 1e-3, 2, 1234, 1, 40, 900, 100, 80),
          new RunEvaluated(RUN, 4, 2, 0.5, 2.25, 1, Map.of(HOSTILE, 0.5)),
          new RunWorker(RUN, 5, true, 0, "2", HOSTILE, HOSTILE, 3, 3, 1, 2, 0.5, 0.25, 900, 120),
          new RunCheckpoint(RUN, 6, 2),
          new RunNote(RUN, 7, HOSTILE),
          new RunEnded(RUN, 8, HOSTILE, HOSTILE, 2));

  /** Lines of a log in which one event, of which the class stays, is damaged, and may be twice. */
  @Provide
  Arbitrary<List<String>> logs() {
    return Arbitraries.integers()
        .between(0, EVENTS.size() - 1)
        .flatMap(
            place ->
                Damaged.json(List.of(body(EVENTS.get(place)))).map(damaged -> log(place, damaged)));
  }

  private static String body(SparkListenerEvent event) {
    ObjectNode json = (ObjectNode) tree(JsonProtocol.sparkEventToJsonString(event));
    json.remove(EVENT);
    return json.toString();
  }

  private static List<String> log(int place, String damaged) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < EVENTS.size(); i++) {
      lines.add(JsonProtocol.sparkEventToJsonString(EVENTS.get(i)));
      if (i == place) {
        lines.add(
            "{\"Event\":\"%s\",%s"
                .formatted(
                    EVENTS.get(i).getClass().getName(),
                    damaged.substring(Math.min(1, damaged.length()))));
      }
    }
    return lines;
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  @Property(seed = "111")
  void eventLogs(@ForAll("logs") List<String> lines) {
    ElementTrackingStore store =
        new ElementTrackingStore(new InMemoryStore(), new SparkConf(false));
    Limits.reads(
        () -> {
          RunListener listener = new RunListener(store, true);
          for (String line : lines) {
            SparkListenerEvent event;
            try {
              event = JsonProtocol.sparkEventFromJson(line);
            } catch (Exception e) { // Spark leaves out lines that it cannot read
              continue;
            }
            listener.onOtherEvent(event);
          }
          RunRecord run = store.read(RunRecord.class, RUN);
          assertThat(RunPage.content(new Markup(), run).toString())
              .doesNotContain("<script")
              .contains("lorafa-head");
        });
  }
}
