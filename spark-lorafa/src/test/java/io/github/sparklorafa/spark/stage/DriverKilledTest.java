package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.train.ProgressListener;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.TrainConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A driver is killed, and its command given again. */
@Tag("spark")
@Tag("long")
class DriverKilledTest {
  private static final String STEP = "step ";
  private static final String DONE = "went on after ";

  @TempDir Path folder;

  /** Trains into a folder; with checkpoints if another one is given. */
  static final class Main {
    private Main() {}

    public static void main(String[] args) {
      try (TrainingCluster cluster = TrainingCluster.start("local-cluster[2,1,1024]")) {
        TrainConfig config =
            TrainingCluster.config(Path.of(args[0]))
                .workers(2)
                .maxSteps(400)
                .checkpointing(c -> c.withDir(args.length > 1 ? args[1] : "").withEvery(16))
                .build();
        TrainingCluster.Heard heard = new TrainingCluster.Heard();
        ProgressListener telling =
            new ProgressListener() {
              @Override
              public void onStep(StepReport report) {
                System.out.println(STEP + report.step());
              }
            };
        cluster.train(config, cluster.rows(23), heard, telling);
        System.out.println(DONE + heard.starts.get(0).stepsDone());
      }
    }
  }

  private Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The options of this process, Spark's for modules among them.
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-Dspark-lorafa.jar=" + System.getProperty("spark-lorafa.jar"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  @Test
  @Timeout(300)
  void theSameCommandGoesOn() throws Exception {
    String output = folder.resolve("adapter").toString();
    String state = folder.resolve("state").toString();
    Process first = start(output, state);
    String line;
    try (BufferedReader reader = first.inputReader()) {
      do {
        line = reader.readLine();
        assertThat(line).isNotNull();
      } while (!line.equals(STEP + 60));
      List<ProcessHandle> executors = first.descendants().toList();
      assertThat(executors).hasSizeGreaterThanOrEqualTo(2);
      first.destroyForcibly().waitFor();
      long began = System.nanoTime();
      for (ProcessHandle executor : executors) {
        executor.onExit().get(60, TimeUnit.SECONDS);
      }
      System.out.printf(
          "a driver killed: its executors had ended after %.1f s%n",
          (System.nanoTime() - began) / 1e9);
    }

    Process second = start(output, state);
    List<String> lines = second.inputReader().lines().toList();

    assertThat(second.waitFor()).isZero();
    String last = lines.get(lines.size() - 1);
    assertThat(last).startsWith(DONE);
    assertThat(Integer.parseInt(last.substring(DONE.length()))).isBetween(32, 128);
    Process third = start(folder.resolve("undisturbed").toString());
    assertThat(third.inputReader().lines().toList()).contains(STEP + 1, DONE + 0);
    assertThat(folder.resolve("adapter/adapter_model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("undisturbed/adapter_model.safetensors"));
  }
}
