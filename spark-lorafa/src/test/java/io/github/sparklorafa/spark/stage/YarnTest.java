package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs on YARN, submitted as users do, with the base, the data, the checkpoints and the adapter on
 * HDFS: two node managers of one host, in a process of their own.
 */
@Tag("long")
class YarnTest {
  private static final Path SPARK_HOME = Path.of(System.getenv("SPARK_HOME"));
  private static final String ADAPTER = "adapter_model.safetensors";

  @TempDir private static Path folder;
  private static Process hadoop;
  private static FileSystem hdfs;

  /** What a submission printed, and how it ended. */
  private record Ended(int status, String output) {}

  @BeforeAll
  static void startHadoop() throws Exception {
    hadoop =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx700m",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp",
                SPARK_HOME.resolveSibling("hadoop") + "/*:" + SPARK_HOME.resolve("jars") + "/*",
                Path.of(repository(), "spark-lorafa/src/test/yarn/SmallHadoop.java").toString(),
                folder.toString())
            .directory(folder.toFile())
            .redirectError(folder.resolve("hadoop.log").toFile())
            .start();
    BufferedReader output = hadoop.inputReader();
    String line = output.readLine();
    while (line != null && !line.equals("ready")) {
      line = output.readLine();
    }
    assertThat(line).as(Files.readString(folder.resolve("hadoop.log"))).isEqualTo("ready");
    Configuration conf = new Configuration(false);
    conf.addResource(new org.apache.hadoop.fs.Path(conf("core-site.xml").toUri()));
    hdfs = FileSystem.get(URI.create(conf.get("fs.defaultFS")), conf);
    copy(TrainingCluster.reference("llama-gqa"), "/base");
    copy(Files.writeString(folder.resolve("rows.json"), rows()), "/rows.json");
  }

  @AfterAll
  static void stopHadoop() throws Exception {
    hdfs.close();
    hadoop.getOutputStream().close();
    hadoop.waitFor();
  }

  @Test
  void clusterModeLosesNothingWithAnExecutor() throws Exception {
    Ended undisturbed = submit("client", "/undisturbed");
    assertThat(undisturbed.status).as(undisturbed.output).isZero();
    assertThat(undisturbed.output).contains("The adapter is in hdfs:/undisturbed");

    Thread killer = new Thread(() -> killAnExecutorAfterACheckpoint("/disturbed-checkpoints"));
    killer.start();
    Ended disturbed = submit("cluster", "/disturbed");
    killer.join();

    assertThat(disturbed.status).as(disturbed.output + logs()).isZero();
    assertThat(logs())
        .contains("An executor was lost: training starts again")
        .contains("The adapter is in hdfs:/disturbed");
    assertThat(read("/disturbed/" + ADAPTER)).isEqualTo(read("/undisturbed/" + ADAPTER));
  }

  @Test
  void whatIsWrongStandsInTheDiagnostics() throws Exception {
    Ended ended =
        submit("cluster", "/refused", "--rank=0", "--conf", "spark.yarn.maxAppAttempts=1");
    assertThat(ended.status).isNotZero();
    assertThat(ended.output).contains("Cannot").contains("rank: 0");
  }

  @Test
  void containersThatAreTooSmallAreRefused() throws Exception {
    Ended ended = submit("client", "/small", "--conf", "spark.executor.memoryOverhead=64m");
    assertThat(ended.status).isEqualTo(2);
    assertThat(ended.output).contains("spark.executor.memoryOverhead");
  }

  private static Ended submit(String mode, String output, String... more) throws Exception {
    List<String> spark =
        new ArrayList<>(
            List.of(
                SPARK_HOME.resolve("bin/spark-submit").toString(),
                "--master=yarn",
                "--deploy-mode=" + mode,
                "--num-executors=2",
                "--executor-memory=512m",
                "--driver-memory=512m",
                "--conf=spark.executor.memoryOverhead=700m",
                "--conf=spark.ui.enabled=false",
                "--conf=spark.yarn.jars=local:" + SPARK_HOME.resolve("jars") + "/*",
                "--conf=spark.yarn.submit.waitAppCompletion=true"));
    List<String> job =
        new ArrayList<>(
            List.of(
                "--class=io.github.sparklorafa.cli.Main",
                System.getProperty("spark-lorafa.jar"),
                "train",
                "--workers=2",
                "--model=hdfs:/base",
                "--format=json",
                "--data=hdfs:/rows.json",
                "--output=hdfs:" + output,
                "--checkpoint-dir=hdfs:" + output + "-checkpoints",
                "--checkpoint-every=20",
                "--rank=4",
                "--batch-size=5",
                "--max-steps=400"));
    for (int i = 0; i < more.length; i++) {
      if (more[i].equals("--conf")) {
        spark.add("--conf=" + more[++i]);
      } else {
        String name = more[i].replaceFirst("=.*", "=");
        job.removeIf(flag -> flag.startsWith(name));
        job.add(more[i]);
      }
    }
    spark.addAll(job);
    Path log = Files.createTempFile(folder, "submit", ".log");
    ProcessBuilder command =
        new ProcessBuilder(spark).redirectErrorStream(true).redirectOutput(log.toFile());
    command.environment().put("HADOOP_CONF_DIR", folder.resolve("conf").toString());
    Process process = command.start();
    boolean ended = process.waitFor(10, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    return new Ended(process.exitValue(), Files.readString(log));
  }

  private static void killAnExecutorAfterACheckpoint(String checkpoints) {
    try {
      org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(checkpoints);
      while (!hdfs.exists(path) || hdfs.listStatus(path).length == 0) {
        Thread.sleep(50);
      }
      hadoop
          .descendants()
          .filter(
              process ->
                  process
                      .info()
                      .commandLine()
                      .filter(
                          line -> line.contains("/bin/java") && line.contains("ExecutorBackend"))
                      .isPresent())
          .findFirst()
          .orElseThrow()
          .destroyForcibly();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What all containers printed. */
  private static String logs() throws IOException {
    StringBuilder logs = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file :
          files.filter(file -> file.getFileName().toString().matches("stdout|stderr")).toList()) {
        logs.append(Files.readString(file));
      }
    }
    return logs.toString();
  }

  private static String rows() {
    StringBuilder rows = new StringBuilder();
    for (int row = 0; row < 60; row++) {
      List<Integer> ids = new ArrayList<>();
      for (int i = 0; i < 3 + row % 18; i++) {
        ids.add(1 + (row * 31 + i * i * 7) % 96);
      }
      rows.append("{\"input_ids\": ").append(ids).append("}\n");
    }
    return rows.toString();
  }

  private static void copy(Path local, String target) throws IOException {
    hdfs.copyFromLocalFile(
        new org.apache.hadoop.fs.Path(local.toUri()), new org.apache.hadoop.fs.Path(target));
  }

  private static byte[] read(String file) throws IOException {
    FileStatus status = hdfs.getFileStatus(new org.apache.hadoop.fs.Path(file));
    try (var in = hdfs.open(status.getPath())) {
      return in.readAllBytes();
    }
  }

  private static Path conf(String name) {
    return folder.resolve("conf").resolve(name);
  }

  private static String repository() {
    return System.getProperty("spark-lorafa.repository");
  }
}
