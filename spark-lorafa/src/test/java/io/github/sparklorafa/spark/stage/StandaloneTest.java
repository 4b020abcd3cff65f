package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.StandaloneDaemons;
import io.github.sparklorafa.train.TrainConfigBuilder;
import io.github.sparklorafa.train.TrainingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A standalone cluster whose machines are lost: a master and two workers, three processes. */
@Tag("spark")
@Tag("long")
@Timeout(300)
class StandaloneTest {
  @TempDir Path folder;

  private StandaloneDaemons daemons;
  private Process first;
  private Process second;
  private TrainingCluster cluster;

  @BeforeEach
  void start() throws Exception {
    daemons = StandaloneDaemons.start(folder.resolve("work"));
    first = daemons.startWorker();
    second = daemons.startWorker();
    cluster = TrainingCluster.start(daemons.url(), 2, StageWatch.PATIENCE_KEY, "40s");
  }

  @AfterEach
  void stop() {
    cluster.close();
    daemons.close();
  }

  private TrainConfigBuilder config(String output) {
    return TrainingCluster.config(folder.resolve(output)).workers(2).maxSteps(400);
  }

  private TrainingResult train(Consumer<TrainingStage> what) {
    Disturbance disturbance = Disturbance.of(cluster.spark().sparkContext(), what);
    return cluster.train(
        config("adapter")
            .checkpointing(c -> c.withDir(folder.resolve("state").toString()).withEvery(8))
            .build(),
        cluster.rows(23),
        disturbance);
  }

  private void assertUndisturbed() {
    cluster.train(config("undisturbed").build(), cluster.rows(23));
    assertThat(folder.resolve("adapter/adapter_model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("undisturbed/adapter_model.safetensors"));
  }

  /** A worker, and all that ran on it. */
  private static void lose(Process worker) {
    worker.descendants().forEach(ProcessHandle::destroyForcibly);
    worker.destroyForcibly();
  }

  @Test
  void aMachineIsLostAndAnotherOneTakesItsPlace() {
    TrainingResult result =
        train(
            stage -> {
              lose(second);
              try {
                second = daemons.startWorker();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    assertThat(result.attempts()).isEqualTo(2);
    assertUndisturbed();
  }

  @Test
  void aMachineIsLostForGood() {
    assertThatThrownBy(() -> train(stage -> lose(first)))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("Cannot train: executor ")
        .hasMessageContaining(" was lost: ")
        .hasMessageContaining("the executors for another try did not come within 40 s");
    assertThat(folder.resolve("adapter")).doesNotExist();
  }

  /** Executors and driver speak with each other. */
  @Test
  void theMasterIsLostAndNobodyNeedsIt() {
    TrainingResult result = train(stage -> daemons.master().destroyForcibly());
    assertThat(result.attempts()).isEqualTo(1);
    assertUndisturbed();
  }
}
