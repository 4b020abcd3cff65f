package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.sparklorafa.train.TrainConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The link between all processes of a cluster slows to a crawl, or is cut for longer than workers
 * wait for each other. In a network namespace of its own, whose loopback device tc throttles.
 */
@Tag("spark")
@Tag("long")
class SlowLinkTest {
  private static final String[] IN_A_NAMESPACE = {
    "unshare",
    "--net",
    "--map-root-user",
    "sh",
    "-c",
    "ip link set lo mtu 1500 up && exec \"$@\"",
    "sh"
  };

  @TempDir Path folder;

  /** What is run in the namespace. */
  static final class Main {
    private static final int TIMEOUT_SECONDS = 8;

    private Main() {}

    public static void main(String[] args) {
      Path folder = Path.of(args[0]);
      Carrier carrier = Carrier.valueOf(args[1]);
      try (TrainingCluster cluster =
          carrier.start(SyncTimeout.KEY, TIMEOUT_SECONDS + "s", StageWatch.PATIENCE_KEY, "120s")) {
        train(cluster, folder.resolve("undisturbed"), carrier::in, () -> {});
        train(cluster, folder.resolve("slow"), carrier::in, () -> throttle("200kbit", 10));
        train(
            cluster,
            folder.resolve("cut"),
            config ->
                carrier
                    .in(config)
                    .checkpointing(c -> c.withDir(folder.resolve("state").toString()).withEvery(8)),
            () -> throttle("8bit", TIMEOUT_SECONDS + 4));
      }
    }

    private static void train(
        TrainingCluster cluster,
        Path output,
        java.util.function.UnaryOperator<TrainConfigBuilder> change,
        Runnable what) {
      long began = System.nanoTime();
      Disturbance disturbance = Disturbance.of(cluster.spark().sparkContext(), stage -> what.run());
      TrainConfigBuilder config = TrainingCluster.config(output).workers(2).maxSteps(300);
      TrainingResult result =
          cluster.train(change.apply(config).build(), cluster.rows(23), disturbance);
      disturbance.notes().forEach(System.out::println);
      System.out.printf(
          "%s: %d attempts, %.1f s, begun again after %.1f s%n",
          output.getFileName(),
          result.attempts(),
          (System.nanoTime() - began) / 1e9,
          disturbance.secondsUntilAgain());
    }

    /** For so many seconds; returns at once. */
    private static void throttle(String rate, int seconds) {
      tc("add", "tbf", "rate", rate, "burst", "3kb", "limit", "100kb");
      new Thread(
              () -> {
                try {
                  TimeUnit.SECONDS.sleep(seconds);
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                tc("del");
              })
          .start();
    }

    private static void tc(String verb, String... how) {
      List<String> command = new ArrayList<>(List.of("tc", "qdisc", verb, "dev", "lo", "root"));
      command.addAll(List.of(how));
      assertThat(ended(command)).isZero();
    }
  }

  private static int ended(List<String> command) {
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> inANamespace(String... command) {
    List<String> all = new ArrayList<>(List.of(IN_A_NAMESPACE));
    all.addAll(List.of(command));
    return all;
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(400)
  void runsGoOnOverALinkThatCrawlsOrIsCut(Carrier carrier) throws Exception {
    assumeTrue(
        ended(
                inANamespace(
                    "tc", "qdisc", "add", "dev", "lo", "root", "tbf", "rate", "1mbit", "burst",
                    "3kb", "limit", "10kb"))
            == 0,
        "namespaces and tc are not for everyone");
    List<String> command = inANamespace();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(folder.toString(), carrier.name()));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();

    List<String> lines = child.inputReader().lines().toList();

    System.out.println("over " + carrier);
    lines.forEach(System.out::println);
    assertThat(child.waitFor()).isZero();
    assertThat(lines)
        .anyMatch(line -> line.startsWith("slow: 1 attempts, "))
        .anyMatch(line -> line.startsWith("cut: 2 attempts, "))
        .filteredOn(line -> line.startsWith("Attempt "))
        .singleElement()
        .asString()
        .matches(
            "Attempt 1 of the training stage failed: Cannot sum over workers: rank [01] lost rank"
                + " [01] in executor .*");
    for (String run : List.of("slow", "cut")) {
      assertThat(folder.resolve(run).resolve("adapter_model.safetensors"))
          .as(run)
          .hasSameBinaryContentAs(folder.resolve("undisturbed/adapter_model.safetensors"));
    }
  }
}
