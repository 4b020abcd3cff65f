package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.sparklorafa.train.TrainConfigBuilder;
import io.github.sparklorafa.train.TrainingException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.spark.scheduler.ExecutorDecommissionInfo;
import org.apache.spark.scheduler.cluster.CoarseGrainedSchedulerBackend;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/**
 * What happens to executors beside their sudden death: the run ends with the bits of one that
 * nothing disturbed. Prints the figures of docs/reliability.md.
 */
@Tag("spark")
@Tag("long")
@Timeout(300)
class FaultsTest {
  private static final int STEPS = 2000;

  @TempDir static Path shared;

  private static TrainingCluster cluster;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    cluster =
        TrainingCluster.start(
            "local-cluster[2,1,1024]",
            SyncTimeout.KEY,
            "8s",
            "spark.decommission.enabled",
            "true",
            "spark.executor.decommission.forceKillTimeout",
            "2s",
            StageWatch.PATIENCE_KEY,
            "120s");
    cluster.train(config(shared.resolve("undisturbed")).build(), cluster.rows(23));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static TrainConfigBuilder config(Path output) {
    return TrainingCluster.config(output).workers(2).maxSteps(STEPS);
  }

  private TrainConfigBuilder keeping(Path output) {
    return config(output)
        .checkpointing(c -> c.withDir(folder.resolve("state").toString()).withEvery(16));
  }

  private static Disturbance disturbance(Consumer<TrainingStage> what) {
    return Disturbance.of(cluster.spark().sparkContext(), what);
  }

  private TrainingResult train(Disturbance disturbance) {
    try {
      return cluster.train(
          keeping(folder.resolve("adapter")).build(), cluster.rows(23), disturbance);
    } finally {
      cluster.spark().sparkContext().removeSparkListener(disturbance);
      disturbance.notes().forEach(System.out::println);
    }
  }

  private void assertUndisturbed() {
    assertThat(folder.resolve("adapter/adapter_model.safetensors"))
        .hasSameBinaryContentAs(shared.resolve("undisturbed/adapter_model.safetensors"));
  }

  @Test
  void aWorkerThatHangsIsReplaced() {
    Disturbance hang = disturbance(d -> Executors.signal("STOP", d.worker(1)));

    TrainingResult result = train(hang);

    assertThat(result.attempts()).isEqualTo(2);
    assertUndisturbed();
    assertThat(hang.notes())
        .anyMatch(
            note ->
                note.startsWith(
                    "Attempt 1 of the training stage failed: Cannot sum over workers: rank 0 "))
        .anyMatch(note -> note.matches("Executor \\d+ has not ended its task 15 s .* replaced"));
    System.out.printf(
        "a worker that hangs: the next attempt began after %.1f s%n", hang.secondsUntilAgain());
    assertThat(hang.secondsUntilAgain()).isBetween(8.0, 90.0);
  }

  /** Its grace ends in the middle of the run. */
  @Test
  void anExecutorIsDecommissioned() {
    Disturbance decommission =
        disturbance(
            d -> {
              ExecutorDecommissionInfo info =
                  new ExecutorDecommissionInfo("spot instance", Option.empty());
              ((CoarseGrainedSchedulerBackend) cluster.spark().sparkContext().schedulerBackend())
                  .decommissionExecutor(d.executor(0), info, false, false);
            });

    TrainingResult result = train(decommission);

    assertThat(result.attempts()).isEqualTo(2);
    assertUndisturbed();
    System.out.printf(
        "an executor decommissioned: the next attempt began after %.1f s%n",
        decommission.secondsUntilAgain());
  }

  /** The disk that the result goes to; what was trained is in the checkpoints. */
  @Test
  void aFullDiskAtTheEndLosesNothing() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    boolean mounted = ran("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString());
    assumeTrue(mounted, "only root may mount a small disk");
    try {
      Path filler = disk.resolve("filler");
      TrainConfigBuilder config = keeping(disk.resolve("adapter"));
      assertThatThrownBy(
              () -> cluster.train(config.build(), cluster.rows(23), disturbance(d -> fill(filler))))
          .isInstanceOf(TrainingException.class)
          .hasMessageStartingWith("Cannot train: worker 0 on 127.0.0.1: ")
          .hasMessageContaining("No space left on device");
      assertThat(disk.resolve("adapter")).doesNotExist();

      Files.delete(filler);
      TrainingCluster.Heard again = new TrainingCluster.Heard();
      cluster.train(config.build(), cluster.rows(23), again);

      assertThat(again.starts.get(0).stepsDone()).isEqualTo(STEPS);
      assertThat(disk.resolve("adapter/adapter_model.safetensors"))
          .hasSameBinaryContentAs(shared.resolve("undisturbed/adapter_model.safetensors"));
    } finally {
      assertThat(ran("umount", "--lazy", disk.toString())).isTrue();
    }
  }

  private static void fill(Path file) {
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(new byte[512]);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  private static boolean ran(String... command) throws Exception {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }
}
