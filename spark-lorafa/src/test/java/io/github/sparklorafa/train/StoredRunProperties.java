package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.hadoop.fs.FileUtil;

/** What a run finds of itself when it goes on: its checkpoint's header, its metrics. */
class StoredRunProperties {
  private static final Map<String, String> FINGERPRINT =
      new TreeMap<>(Map.of("rank", "8", "seed", "0", "checksum of A", "ab12", "workers", "2"));

  private static Path folder;

  @BeforeContainer
  static void open() throws IOException {
    folder = Files.createTempDirectory("spark-lorafa-fuzz");
  }

  @AfterContainer
  static void close() {
    FileUtil.fullyDelete(folder.toFile());
  }

  @Provide
  Arbitrary<String> headers() {
    Totals totals = Totals.NONE.afterStep(3.5, 100).afterSkip(100).afterStep(2.5, 100);
    return Damaged.json(
        List.of(
            RunState.text(new RunState.Header(1, 3, FINGERPRINT, totals, BestStep.Standing.NONE)),
            RunState.text(
                new RunState.Header(
                    1,
                    3,
                    FINGERPRINT,
                    totals,
                    new BestStep.Standing(MetricForBest.LOSS, 2, 3.5, 1, 2.5, 1)))));
  }

  @Property(seed = "71")
  void headersOfCheckpoints(@ForAll("headers") String json) {
    Limits.reads(
        () -> {
          RunState.Header header = RunState.header(json, "step-000003");
          Problems differences = RunFingerprint.differences(header.fingerprint(), FINGERPRINT);
          assertThat(String.join("; ", differences.found())).hasSizeLessThan(50_000);
          assertThat(RunFingerprint.note(header.fingerprint(), FINGERPRINT)).isNotNull();
          assertThat(header.step()).isEqualTo(header.totals().steps()).isNotNegative();
          assertThat(header.totals().updates()).isBetween(0L, header.step());
          assertThat(header.best().step()).isBetween(0L, header.step());
        },
        TrainingException.class);
  }

  @Provide
  Arbitrary<String> metrics() {
    return Damaged.texts(
        List.of(
            """
            {"step":1,"epoch":0.5,"loss":3.5,"tokens":100}
            {"step":2,"epoch":1.0,"loss":2.5,"tokens":100}
            {"step":2,"epoch":1.0,"eval_loss":2.25,"seconds":0.1,"accuracy":0.5}
            {"step":3,"epoch":1.5,"loss":1.5,"tokens":100}
            {"step":4,"epoch":2.0,"loss":"NaN","tokens":100}
            """),
        List.of(
            "\"step\":", "{\"step\":-1}\n", "{\"step\":\"2\"}\n", "[]\n", "null\n", "\r", "\n"));
  }

  /** Lines that stay are JSON of steps that are done. */
  @Property(seed = "72")
  void metricsOfAnEarlierRun(@ForAll("metrics") String text) throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    Files.writeString(file, text);
    Limits.reads(
        () -> MetricsFile.create(file).onStart(new RunStart(0, 1, 9, 1, 1, 3)),
        IllegalStateException.class);
    for (String line : Files.readAllLines(file)) {
      assertThat(new ObjectMapper().readTree(line).path("step").asLong(9)).isLessThanOrEqualTo(3);
    }
  }

  @Provide
  Arbitrary<byte[]> bytes() {
    return Damaged.bytes(List.of("{\"step\":1,\"loss\":3.5}\n{\"step\":2}\n".getBytes()));
  }

  /** One that is none of ours stays as it is. */
  @Property(seed = "73")
  void metricsThatAreNoText(@ForAll("bytes") byte[] bytes) throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    Files.write(file, bytes);
    boolean read =
        Limits.reads(
            () -> MetricsFile.create(file).onStart(new RunStart(0, 1, 9, 1, 1, 3)),
            IllegalStateException.class);
    if (!read) {
      assertThat(file).hasBinaryContent(bytes);
    }
  }
}
