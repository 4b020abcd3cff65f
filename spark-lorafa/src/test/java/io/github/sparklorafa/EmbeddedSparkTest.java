package io.github.sparklorafa;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.spark.plugin.LoraFaPlugin;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkExecutorInfo;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Masters, workers and executor JVMs start from the embedded Spark home and stay on the loopback
 * address.
 */
@Tag("spark")
class EmbeddedSparkTest {
  private static final String JAR = System.getProperty("spark-lorafa.jar");
  private static final Pattern LISTENING =
      Pattern.compile(" *\\d+: (\\w+):\\w+ \\w+:\\w+ 0A (?:\\S+ +){5}(\\d+) .*");

  @Test
  void localClusterHasTwoExecutorsOnTheLoopbackAddress() {
    SparkSession spark =
        session("local-cluster[2,1,1024]")
            .config("spark.executor.extraClassPath", JAR)
            .getOrCreate();
    try {
      assertRunsOnExecutors(spark, 2);
      List<ProcessHandle> processes =
          new ArrayList<>(ProcessHandle.current().descendants().toList());
      assertThat(processes).as("executor JVMs").hasSizeGreaterThanOrEqualTo(2);
      processes.add(ProcessHandle.current());
      assertThat(listeningAddresses(processes))
          .isNotEmpty()
          .allMatch(EmbeddedSparkTest::isLoopback);
    } finally {
      spark.stop();
    }
  }

  @Test
  void standaloneClusterFetchesThePluginJar(@TempDir Path folder) throws Exception {
    try (StandaloneDaemons daemons = StandaloneDaemons.start(folder)) {
      daemons.startWorker();
      // The plugin too must be found there, when the executor starts.
      SparkSession spark =
          session(daemons.url())
              .config("spark.jars", JAR)
              .config("spark.plugins", LoraFaPlugin.class.getName())
              .getOrCreate();
      try {
        assertRunsOnExecutors(spark, 1);
      } finally {
        spark.stop();
      }
    }
  }

  private static SparkSession.Builder session(String master) {
    return SparkSession.builder()
        .master(master)
        .appName("EmbeddedSparkTest")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executor.memory", "1g")
        .config("spark.ui.enabled", "false");
  }

  private static void assertRunsOnExecutors(SparkSession spark, int executors) {
    assertThat(spark.range(0, 1000, 1, 8).selectExpr("sum(id)").first().getLong(0))
        .isEqualTo(499_500);
    SparkExecutorInfo[] known = spark.sparkContext().statusTracker().getExecutorInfos();
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (known.length < executors + 1 && System.nanoTime() < deadline) {
      spark.range(0, 10, 1, 8).count();
      known = spark.sparkContext().statusTracker().getExecutorInfos();
    }
    assertThat(known).as("executors and the driver").hasSize(executors + 1);
  }

  /** The addresses, as the kernel's hexadecimal numbers, of the processes' listening sockets. */
  private static List<String> listeningAddresses(List<ProcessHandle> processes) {
    Set<String> inodes =
        processes.stream().flatMap(EmbeddedSparkTest::socketInodes).collect(Collectors.toSet());
    return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
        .flatMap(table -> lines(Path.of(table)))
        .map(LISTENING::matcher)
        .filter(line -> line.matches() && inodes.contains(line.group(2)))
        .map(line -> line.group(1))
        .toList();
  }

  private static boolean isLoopback(String address) {
    return address.equals("0100007F")
        || address.endsWith("FFFF00000100007F")
        || address.equals("00000000000000000000000001000000");
  }

  private static Stream<String> socketInodes(ProcessHandle process) {
    File[] open = new File("/proc/" + process.pid() + "/fd").listFiles();
    return Stream.of(open == null ? new File[0] : open)
        .map(EmbeddedSparkTest::target)
        .filter(target -> target.startsWith("socket:["))
        .map(target -> target.substring(8, target.length() - 1));
  }

  private static String target(File link) {
    try {
      return Files.readSymbolicLink(link.toPath()).toString();
    } catch (IOException closedMeanwhile) {
      return "";
    }
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
