package io.github.sparklorafa.spark.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.tools.attach.VirtualMachine;
import io.github.sparklorafa.spark.progress.RunEvents;
import io.github.sparklorafa.spark.stage.TrainingJob;
import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import io.github.sparklorafa.train.TrainingException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One run on two executor JVMs with the plugin: the tab while it trains and afterwards, the metrics
 * through Prometheus and JMX, and the History Server, all beside the file of metrics.
 */
@Tag("spark")
@Timeout(240)
class LoraFaPluginTest {
  /** The output's name, which a careless page would run. */
  private static final String HOSTILE = "<script>alert('adapter')&\"";

  private static final String SECRET = "h1dd3n";
  private static final int STEPS = 12;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;

  private static SparkSession spark;
  private static List<JsonNode> steps;
  private static List<JsonNode> evaluations;
  private static Map<String, Double> before;
  private static String failed;
  private static String failure = "";
  private static String whileTraining;
  private static String afterwards;

  @BeforeAll
  static void train() throws Exception {
    spark = session();
    for (int i = 0; i < 600 && executors() < 2; i++) {
      LockSupport.parkNanos(100_000_000);
    }
    before = Pages.gauges(base());
    try {
      TrainConfig hopeless = config("failing").learningRate(1e30).maxGradNorm(0).build();
      TrainingJob.run(spark, rows(23), Optional.empty(), hopeless, List.of());
    } catch (TrainingException e) {
      failure = e.getMessage();
    }
    failed = pageWith(">failed<");
    Path metrics = folder.resolve("metrics.jsonl");
    TrainConfig config =
        config(HOSTILE)
            .metrics(metrics.toString())
            .evalData("given")
            .evalEvery(6)
            .checkpointing(c -> c.withDir(folder.resolve("state").toString()).withEvery(4))
            .reading(r -> r.withOptions(Map.of("password", SECRET, "sep", ";")))
            .build();
    ProgressListener looking =
        new ProgressListener() {
          @Override
          public void onStep(StepReport report) {
            if (report.step() == 8) {
              whileTraining = pageWith("Steps: </strong>");
            }
          }
        };
    TrainingJob.run(spark, rows(23), Optional.of(rows(7)), config, List.of(looking));
    steps = new ArrayList<>();
    evaluations = new ArrayList<>();
    for (String line : Files.readAllLines(metrics)) {
      JsonNode report = JSON.readTree(line);
      (report.has("eval_loss") ? evaluations : steps).add(report);
    }
    afterwards = pageWith(">done<");
  }

  private static SparkSession session() {
    return SparkSession.builder()
        .master("local-cluster[2,1,1024]")
        .appName("LoraFaPluginTest")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executor.memory", "1g")
        .config("spark.executor.extraClassPath", System.getProperty("spark-lorafa.jar"))
        .config("spark.sql.shuffle.partitions", 3)
        .config("spark.plugins", RunEvents.PLUGIN)
        .config("spark.ui.port", "0")
        .config("spark.eventLog.enabled", "true")
        .config("spark.eventLog.dir", folder.toUri().toString())
        .config("spark.metrics.conf.*.sink.jmx.class", "org.apache.spark.metrics.sink.JmxSink")
        .config(
            "spark.metrics.conf.*.sink.prometheusServlet.class",
            "org.apache.spark.metrics.sink.PrometheusServlet")
        .config("spark.metrics.conf.*.sink.prometheusServlet.path", "/metrics/prometheus")
        .getOrCreate();
  }

  private static int executors() {
    return spark.sparkContext().statusTracker().getExecutorInfos().length - 1;
  }

  private static TrainConfigBuilder config(String output) {
    return TrainConfig.builder()
        .model(reference("llama-gqa"))
        .data("given")
        .output(folder.resolve(output).toString())
        .workers(2)
        .rank(4)
        .batchSize(5)
        .microBatchSize(2)
        .learningRate(0.01)
        .maxSteps(STEPS);
  }

  private static String reference(String name) {
    try {
      return Path.of(LoraFaPluginTest.class.getResource("/reference/" + name).toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Dataset<Row> rows(int count) {
    List<Row> rows = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      List<Integer> ids = new ArrayList<>();
      for (int i = 0; i < 3 + row % 18; i++) {
        ids.add(1 + (row * 31 + i * i * 7) % 96);
      }
      rows.add(RowFactory.create(ids));
    }
    return spark.createDataFrame(rows, StructType.fromDDL("input_ids array<int>"));
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static String base() {
    return spark.sparkContext().uiWebUrl().get();
  }

  /** The page of the newest run, as soon as it holds {@code text}: events take a moment. */
  private static String pageWith(String text) {
    for (int i = 0; ; i++) {
      String page = Pages.run(base() + "/lora-fa/");
      if (page.contains(text) || i == 100) {
        return page;
      }
      LockSupport.parkNanos(100_000_000);
    }
  }

  @Test
  void theTabFillsWhileTrainingRuns() {
    assertThat(whileTraining).contains(">training<").contains("http-equiv=\"refresh\"");
    assertThat(Pages.head(whileTraining))
        .containsEntry("Workers", "2")
        .containsEntry("Attempts", "1");
    assertThat(Pages.head(whileTraining).get("Steps")).matches("[1-9] of 12");
    assertThat(Pages.heights(whileTraining, 0)).hasSizeBetween(2, 8);
  }

  @Test
  void theNumbersAreThoseOfTheMetricsFile() {
    assertThat(steps).hasSize(STEPS);
    JsonNode last = steps.get(STEPS - 1);
    long tokens = steps.stream().mapToLong(step -> step.get("tokens").asLong()).sum();
    assertThat(Pages.head(afterwards))
        .containsEntry("Steps", "12 of 12")
        .containsEntry("Loss", "%.4f".formatted(last.get("loss").asDouble()))
        .containsEntry("Tokens", "%,d".formatted(tokens))
        .containsEntry("Checkpoints", "3 written, after step 4, 8, 12")
        .containsEntry(
            "Sent by each worker",
            "%.1f kB".formatted(STEPS * last.get("bucket_bytes").asLong() / 1e3))
        .containsEntry(
            "Most that a worker kept for the backward pass",
            "%.1f kB".formatted(last.get("tape_bytes").asLong() / 1e3));
    assertThat(evaluations).hasSize(2);
    for (JsonNode evaluation : evaluations) {
      assertThat(afterwards)
          .contains(
              "<td>%d</td><td>%.4f</td>"
                  .formatted(
                      evaluation.get("step").asLong(), evaluation.get("eval_loss").asDouble()));
    }
  }

  /** Of each curve: the heights are a linear function of the file's numbers. */
  @Test
  void theCurvesAreThoseOfTheMetricsFile() {
    for (Map.Entry<Integer, String> curve :
        Map.of(0, "loss", 3, "tokens_per_second", 4, "grad_norm").entrySet()) {
      List<Double> heights = Pages.heights(afterwards, curve.getKey());
      List<Double> values =
          steps.stream().map(step -> step.get(curve.getValue()).asDouble()).toList();
      assertThat(heights).hasSize(STEPS);
      int least = values.indexOf(values.stream().min(Double::compare).orElseThrow());
      int most = values.indexOf(values.stream().max(Double::compare).orElseThrow());
      double slope =
          (heights.get(most) - heights.get(least)) / (values.get(most) - values.get(least));
      assertThat(slope).as("the greater, the higher").isNegative();
      for (int i = 0; i < STEPS; i++) {
        assertThat(heights.get(i))
            .as("%s of step %d", curve.getValue(), i + 1)
            .isCloseTo(
                heights.get(least) + slope * (values.get(i) - values.get(least)), within(0.2));
      }
    }
  }

  @Test
  void workersShowWhereTheirTimeGoes() {
    Matcher row =
        Pattern.compile(
                "<tr><td>(\\d)</td><td>(\\d)</td><td>(?:127.0.0.1|localhost)</td><td>cpu, threads: 1</td>"
                    + "<td>12</td>((?:<td>[\\d.]+ %</td>){5})")
            .matcher(afterwards);
    for (int worker = 0; worker < 2; worker++) {
      assertThat(row.find()).as("a row of worker %d", worker).isTrue();
      assertThat(row.group(1)).isEqualTo("" + worker);
      double[] shares =
          Stream.of(row.group(3).replaceAll("</?td>| %", " ").trim().split("\\s+"))
              .mapToDouble(Double::parseDouble)
              .toArray();
      assertThat(shares[0]).as("forward").isPositive();
      assertThat(shares[1]).as("backward").isPositive();
      assertThat(
              Stream.of(shares[0], shares[1], shares[2], shares[3], shares[4])
                  .mapToDouble(Double::doubleValue)
                  .sum())
          .isCloseTo(100, within(0.5));
    }
  }

  @Test
  void whatOthersWouldKeepStandsBesideIt() {
    assertThat(afterwards).contains("lora-fa (this run)", "<td>full</td>", "<td>lora</td>");
  }

  @Test
  void hostileNamesAreTextAndSecretsAreNowhere() {
    assertThat(afterwards)
        .contains("&lt;script&gt;alert(&#39;adapter&#39;)&amp;&quot;")
        .doesNotContain("<script>alert")
        .contains("sep=;")
        .doesNotContain(SECRET);
    String list = Pages.get(base() + "/lora-fa/");
    assertThat(list).contains(">LoRA-FA<").contains("12 of 12").doesNotContain("<script>alert");
    assertThat(Pages.get(base() + "/lora-fa/run/?id=%3Cscript%3Ealert(1)"))
        .contains("No run of this application")
        .doesNotContain("<script>alert");
  }

  /** Beside the adapter, without what is secret. */
  @Test
  void theCardSaysTheSame() throws Exception {
    String card = Files.readString(folder.resolve(HOSTILE).resolve("README.md"));
    assertThat(card)
        .contains("| rows | 23 | 7 |")
        .contains(
            "| loss of the last step | %.4f |"
                .formatted(steps.get(STEPS - 1).get("loss").asDouble()))
        .contains(
            "| kept for the backward pass, bytes | %,d |"
                .formatted(steps.get(STEPS - 1).get("tape_bytes").asLong()))
        .contains("| Apache Spark | 3.5.5 |")
        .doesNotContain(SECRET)
        .doesNotContain("# Adapter for <script>");
    assertThat(Files.readString(folder.resolve(HOSTILE).resolve("loss.svg"))).contains("<polyline");
  }

  /** Spark's own head apart, the page asks for nothing. */
  @Test
  void nothingIsLoadedFromElsewhere() {
    String content = afterwards.substring(afterwards.indexOf("All runs"));
    assertThat(content).doesNotContain("<script", "style=", "src=", "onload");
    assertThat(content.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http://www");
  }

  @Test
  void prometheusSeesTheRun() {
    Map<String, Double> metrics = Pages.gauges(base());
    JsonNode last = steps.get(STEPS - 1);
    assertThat(metrics)
        .containsEntry("loss", last.get("loss").asDouble())
        .containsEntry("tokensPerSecond", last.get("tokens_per_second").asDouble())
        .containsEntry("stepSeconds", last.get("seconds").asDouble())
        .containsEntry("keptBytes", last.get("tape_bytes").asDouble());
    // All of the process's runs: the step before the other run failed, and other tests' too.
    assertThat(metrics.get("sentBytes") - before.get("sentBytes"))
        .isEqualTo((STEPS + 1) * last.get("bucket_bytes").asDouble());
    assertThat(metrics.get("steps") - before.get("steps")).isEqualTo(STEPS + 1.0);
  }

  @Test
  @SuppressWarnings("BanJNDI") // the processes are this test's own
  void jmxSeesEachWorker() throws Exception {
    List<ProcessHandle> executors =
        ProcessHandle.current()
            .descendants()
            .filter(
                process ->
                    process
                        .info()
                        .commandLine()
                        .filter(line -> line.contains("CoarseGrainedExecutorBackend"))
                        .filter(line -> !line.contains("bash"))
                        .isPresent())
            .toList();
    assertThat(executors).hasSize(2);
    for (ProcessHandle executor : executors) {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(executor.pid()));
      String address = machine.startLocalManagementAgent();
      machine.detach();
      try (JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address))) {
        MBeanServerConnection beans = connector.getMBeanServerConnection();
        assertThat((Double) gauge(beans, "loss"))
            .isEqualTo(steps.get(STEPS - 1).get("loss").asDouble());
        assertThat((Long) gauge(beans, "steps")).isEqualTo(STEPS + 1);
        assertThat((Long) gauge(beans, "residentBytes")).isGreaterThan(100_000_000L);
        assertThat((Long) gauge(beans, "sentBytes")).isPositive();
      }
    }
  }

  private static Object gauge(MBeanServerConnection beans, String name) throws Exception {
    ObjectName query = new ObjectName("metrics:name=*LoraFaPlugin.worker." + name + ",*");
    return beans.getAttribute(beans.queryNames(query, null).iterator().next(), "Value");
  }

  @Test
  void aRunThatFailsSaysWhy() {
    assertThat(failure).startsWith("Cannot train: ").contains("Cannot go on after step 2");
    assertThat(failed).contains(failure.substring(0, 60)).contains("1 of 12");
    assertThat(Pages.get(base() + "/lora-fa/")).contains("<td>failed</td>").contains("12 of 12");
  }

  /** The same page from the log alone, in the real History Server, which has the jar beside it. */
  @Test
  void theHistoryServerShowsTheSame() throws Exception {
    Path log = folder.resolve(spark.sparkContext().applicationId() + ".inprogress");
    assertThat(log).isNotEmptyFile();
    assertThat(Files.readString(log)).doesNotContain(SECRET);
    try (HistoryServer history = HistoryServer.start(folder)) {
      String application = history.address() + "/history/" + spark.sparkContext().applicationId();
      String page = Pages.run(application + "/lora-fa/");

      assertThat(page).contains(">done<").doesNotContain("<script>alert");
      Map<String, String> head = Pages.head(afterwards);
      assertThat(Pages.head(page)).isEqualTo(head);
      for (int curve = 0; curve < 5; curve++) {
        assertThat(Pages.heights(page, curve)).isEqualTo(Pages.heights(afterwards, curve));
      }
      assertThat(page).contains("</td><td>cpu, threads: 1</td><td>12</td>");
    }
  }
}
