package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.sparklorafa.train.TrainConfigBuilder;
import io.github.sparklorafa.train.TrainingException;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.spark.scheduler.ExecutorDecommissionInfo;
import org.apache.spark.scheduler.cluster.CoarseGrainedSchedulerBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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

  private TrainingCluster cluster;
  private Carrier carrier = Carrier.GLOO;

  @TempDir Path folder;

  /** What nothing disturbed is made once, over Gloo. */
  @BeforeAll
  static void trainUndisturbed() {
    try (TrainingCluster cluster = Carrier.GLOO.start()) {
      Path output = shared.resolve("undisturbed");
      cluster.train(
          TrainingCluster.config(output).workers(2).maxSteps(STEPS).build(), cluster.rows(23));
    }
  }

  private void start(Carrier over) {
    carrier = over;
    String ours = System.getProperty("spark-lorafa.jar");
    cluster =
        over.start(
            SyncTimeout.KEY,
            "8s",
            "spark.decommission.enabled",
            "true",
            "spark.executor.decommission.forceKillTimeout",
            "2s",
            StageWatch.PATIENCE_KEY,
            "120s",
            "spark.executor.extraClassPath",
            ours + File.pathSeparator + testClasses(),
            "spark.hadoop.fs." + HangingFileSystem.SCHEME + ".impl",
            HangingFileSystem.class.getName(),
            "spark.hadoop." + HangingFileSystem.MARKER,
            marker().toString());
  }

  private static String testClasses() {
    return HangingFileSystem.class.getProtectionDomain().getCodeSource().getLocation().getPath();
  }

  private Path marker() {
    return folder.resolve("hang");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private TrainConfigBuilder config(Path output) {
    return carrier.in(TrainingCluster.config(output).workers(2).maxSteps(STEPS));
  }

  private TrainConfigBuilder keeping(Path output) {
    return config(output)
        .checkpointing(c -> c.withDir(folder.resolve("state").toString()).withEvery(16));
  }

  private Disturbance disturbance(Consumer<TrainingStage> what) {
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

  @ParameterizedTest
  @EnumSource
  void aWorkerThatHangsIsReplaced(Carrier over) {
    start(over);
    Disturbance hang = disturbance(d -> Executors.signal("STOP", d.worker(1)));

    TrainingResult result = train(hang);

    assertThat(result.attempts()).isEqualTo(2);
    assertUndisturbed();
    assertThat(hang.notes())
        .anyMatch(
            note ->
                note.matches(
                    "Attempt 1 of the training stage failed: Cannot sum over workers: rank 0 lost"
                        + " rank 1 in executor \\d+ on 127.0.0.1 .*"))
        .anyMatch(note -> note.matches("Executor \\d+ has not ended its task 15 s .* replaced"));
    System.out.printf(
        "a worker that hangs, over %s: the next attempt began after %.1f s%n",
        over, hang.secondsUntilAgain());
    assertThat(hang.secondsUntilAgain()).isBetween(8.0, 90.0);
  }

  /** In its file system, before it has met the others; its process goes on answering Spark. */
  @Test
  void aWorkerThatHangsWhileItReadsTheModelIsReplaced() throws Exception {
    start(Carrier.GLOO);
    Files.createFile(marker());
    Disturbance nothing = disturbance(d -> {});
    String model = HangingFileSystem.SCHEME + ":" + TrainingCluster.reference("llama-gqa");
    long began = System.nanoTime();

    TrainingResult result =
        cluster.train(
            keeping(folder.resolve("adapter")).model(model).build(), cluster.rows(23), nothing);

    nothing.notes().forEach(System.out::println);
    assertThat(marker()).doesNotExist();
    assertThat(result.attempts()).isEqualTo(2);
    assertUndisturbed();
    assertThat(nothing.notes())
        .anyMatch(
            note ->
                note.matches(
                    "Worker [01] in executor \\d+ on 127.0.0.1 has not read its model and data 8 s"
                        + " after another one had: its executor is replaced .*"));
    System.out.printf(
        "a worker that hangs while it reads the model: the whole run took %.1f s%n",
        (System.nanoTime() - began) / 1e9);
  }

  /** Its grace ends in the middle of the run. */
  @Test
  void anExecutorIsDecommissioned() {
    start(Carrier.GLOO);
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
    start(Carrier.GLOO);
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
