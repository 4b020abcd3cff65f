package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.sparklorafa.spark.ml.LoraFaCausalLM;
import io.github.sparklorafa.spark.plugin.LoraFaPlugin;
import io.github.sparklorafa.spark.transport.SparkGroup;
import io.github.sparklorafa.train.ConsoleProgress;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.Transport;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.FileAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.spark.SparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets that a run is given do not appear in anything that it says, shows or writes.
 *
 * <p>A word that is no secret is given in the same ways, and must be found wherever the secrets are
 * searched for: so that they would be, too.
 */
@Tag("spark")
@Tag("long")
@Timeout(300)
class SecretsTest {
  private static final Pattern LINK = Pattern.compile("href=[\"'](/[^\"'#]*)");
  private static final int MOST_PAGES = 60;

  @TempDir Path folder;

  private final String visible = "visible-" + UUID.randomUUID();

  /** By what gives them. */
  private final Map<String, String> secrets = new LinkedHashMap<>();

  /** What was said, shown and written, by where. */
  private final Map<String, String> places = new LinkedHashMap<>();

  private String secret(String givenBy) {
    return secrets.computeIfAbsent(givenBy, key -> "hidden-" + UUID.randomUUID());
  }

  /**
   * All that the driver logs, and the master and the workers of the local cluster, which it has.
   */
  private void logToFile(Path file) {
    LoggerContext context = (LoggerContext) LogManager.getContext(false);
    Configuration configuration = context.getConfiguration();
    FileAppender appender =
        FileAppender.newBuilder()
            .setName("all")
            .withFileName(file.toString())
            .setLayout(PatternLayout.newBuilder().withPattern("%p %c: %m%n%ex").build())
            .setConfiguration(configuration)
            .build();
    appender.start();
    configuration.getRootLogger().getAppenders().keySet().stream()
        .toList()
        .forEach(configuration.getRootLogger()::removeAppender);
    configuration.getRootLogger().addAppender(appender, Level.DEBUG, null);
    configuration.getRootLogger().setLevel(Level.INFO);
    context.updateLoggers();
  }

  @AfterEach
  void logAsBefore() {
    ((LoggerContext) LogManager.getContext(false)).reconfigure();
  }

  private String executorLogging() throws IOException {
    Path file = folder.resolve("log4j2.properties");
    Files.writeString(
        file,
        """
        rootLogger.level = info
        rootLogger.appenderRef.stderr.ref = console
        appender.console.type = Console
        appender.console.name = console
        appender.console.target = SYSTEM_ERR
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = %p %c: %m%n%ex
        logger.ours.name = io.github.sparklorafa
        logger.ours.level = debug
        logger.network.name = org.apache.spark.network
        logger.network.level = debug
        """);
    return "-Dlog4j2.configurationFile=" + file.toUri() + " -Dvisible=" + visible;
  }

  private TrainingCluster start() throws IOException {
    Path events = Files.createDirectory(folder.resolve("events"));
    return TrainingCluster.start(
        "local-cluster[2,1,1024]",
        "spark.authenticate",
        "true",
        "spark.authenticate.secret",
        secret("spark.authenticate.secret"),
        "spark.network.crypto.enabled",
        "true",
        "spark.io.encryption.enabled",
        "true",
        "spark.hadoop.fs.s3a.secret.key",
        secret("fs.s3a.secret.key"),
        "spark.hadoop.fs.s3a.session.token",
        secret("fs.s3a.session.token"),
        "spark.lorafa.tracking-password",
        secret("spark.lorafa.tracking-password"),
        "spark.lorafa.remark",
        visible,
        "spark.plugins",
        LoraFaPlugin.class.getName(),
        "spark.ui.enabled",
        "true",
        "spark.ui.port",
        "0",
        "spark.eventLog.enabled",
        "true",
        "spark.eventLog.rolling.enabled",
        "false",
        "spark.eventLog.compress",
        "false",
        "spark.eventLog.dir",
        events.toUri().toString(),
        "spark.executor.extraJavaOptions",
        executorLogging());
  }

  private TrainConfig config(String output, Transport transport) {
    return TrainingCluster.config(folder.resolve(output))
        .workers(2)
        .maxSteps(6)
        .reading(
            r -> r.withOptions(Map.of("password", secret("option password"), "remark", visible)))
        .metrics(folder.resolve(output + ".jsonl").toString())
        .checkpointing(c -> c.withDir(folder.resolve(output + "-state").toString()).withEvery(2))
        .synchronisation(s -> s.with(transport))
        .build();
  }

  @Test
  void secretsAreNowhere() throws Exception {
    logToFile(folder.resolve("driver.log"));
    Path console = folder.resolve("console.txt");
    Path executorLogs;
    try (TrainingCluster cluster = start();
        PrintStream out = new PrintStream(console.toFile(), StandardCharsets.UTF_8)) {
      SparkContext context = cluster.spark().sparkContext();
      out.println(visible);
      cluster.train(
          config("adapter", Transport.AUTO),
          cluster.rows(23),
          new ConsoleProgress(out, ConsoleProgress.Style.LINES));
      new LoraFaCausalLM()
          .setModel(TrainingCluster.reference("llama-gqa").toString())
          .setRank(4)
          .setMaxSteps(4)
          .setWorkers(2)
          .fit(cluster.rows(23))
          .write()
          .save(folder.resolve("saved").toString());
      provoke(cluster);
      show(context);
      executorLogs = Path.of(System.getenv("SPARK_HOME"), "work", context.applicationId());
    }
    read(folder);
    read(executorLogs);

    assertThat(namesOf(visible))
        .as("what is searched can be read: a word that is no secret is found there")
        .anyMatch(name -> name.endsWith("driver.log"))
        .anyMatch(name -> name.contains("/0/stderr"))
        .anyMatch(name -> name.contains("/1/stderr"))
        .anyMatch(name -> name.contains("/events/"))
        .anyMatch(name -> name.endsWith("console.txt"))
        .contains("/environment/", "a bad option")
        .anyMatch(name -> name.startsWith("/lora-fa/run/"));
    assertThat(places.keySet())
        .as("and the rest is among it")
        .contains("gloo where Spark encrypts", "another secret")
        .anyMatch(name -> name.endsWith("adapter.jsonl"))
        .anyMatch(name -> name.endsWith("adapter/README.md") || name.contains("adapter_config"))
        .anyMatch(name -> name.contains("adapter-state/") && name.endsWith("state.json"))
        .anyMatch(name -> name.endsWith("saved/summary.json"))
        .anyMatch(name -> name.endsWith("saved/metadata/part-00000"));
    secrets.forEach(
        (givenBy, secret) -> assertThat(namesOf(secret)).as("where %s is", givenBy).isEmpty());
  }

  /** Messages of what is refused. */
  private void provoke(TrainingCluster cluster) {
    said(
        "gloo where Spark encrypts",
        catchThrowable(() -> cluster.train(config("plain", Transport.GLOO), cluster.rows(5))));
    said(
        "a bad option",
        catchThrowable(
            () ->
                cluster
                    .spark()
                    .read()
                    .option("password", secret("option password"))
                    .option("mode", visible)
                    .format(visible)
                    .load(folder.toString())));
    said(
        "another secret",
        SparkGroup.refused(
            secret("spark.authenticate.secret"), secret("a peer's, which is another one")));
  }

  private void said(String what, Throwable error) {
    assertThat(error).as(what).isNotNull();
    StringWriter text = new StringWriter();
    error.printStackTrace(new PrintWriter(text));
    places.put(what, text.toString());
  }

  /** Every page that another one leads to, and what the UI says to programs. */
  private void show(SparkContext context) throws IOException, InterruptedException {
    String root = context.uiWebUrl().get();
    HttpClient browser = HttpClient.newHttpClient();
    Set<String> links = new LinkedHashSet<>();
    String api = "/api/v1/applications/" + context.applicationId();
    links.addAll(List.of("/environment/", "/jobs/", api + "/environment", api + "/allexecutors"));
    for (int i = 0; i < Math.min(links.size(), MOST_PAGES); i++) {
      String link = List.copyOf(links).get(i);
      HttpResponse<String> page =
          browser.send(
              HttpRequest.newBuilder(URI.create(root + link.replace(" ", "%20"))).build(),
              HttpResponse.BodyHandlers.ofString());
      places.put(link, page.body());
      Matcher more = LINK.matcher(page.body());
      while (more.find()) {
        String next = more.group(1).replace("&amp;", "&");
        if (!next.startsWith("/static/") && !next.contains("kill")) {
          links.add(next);
        }
      }
    }
  }

  /** Every file below, as Latin-1: bytes are bytes. */
  private void read(Path below) throws IOException {
    try (Stream<Path> tree = Files.walk(below)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        places.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
  }

  private List<String> namesOf(String word) {
    return places.entrySet().stream()
        .filter(place -> place.getValue().contains(word))
        .map(Map.Entry::getKey)
        .toList();
  }
}
