package io.github.sparklorafa.bigdl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.bigdl.BigDlCluster.Heard;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainingException;
import io.github.sparklorafa.train.Transport;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors whose gradients BigDL sums over Spark's block manager. */
@Tag("spark")
class BigDlTransportTest {
  private static final String SECRET = "an-application-secret-for-tests";
  private static final String ADAPTER = "adapter_model.safetensors";

  @TempDir Path folder;

  private TrainConfig config(String output, Transport transport, int workers) {
    return BigDlCluster.config(folder.resolve(output))
        .workers(workers)
        .synchronisation(s -> s.with(transport))
        .build();
  }

  private void assertSameBits(String one, String other) {
    assertThat(folder.resolve(one).resolve(ADAPTER))
        .hasSameBinaryContentAs(folder.resolve(other).resolve(ADAPTER));
  }

  @Test
  void trainsTheBitsOfGloo() {
    try (BigDlCluster cluster = BigDlCluster.start("local-cluster[2,1,1024]")) {
      Heard gloo = cluster.train(config("gloo", Transport.GLOO, 2));
      Heard bigdl = cluster.train(config("bigdl", Transport.BIGDL, 2));

      assertThat(bigdl.losses()).hasSize(20).containsExactly(gloo.losses());
      assertSameBits("bigdl", "gloo");
      assertThat(bigdl.notes)
          .contains("Gradients travel through Spark's block manager, summed by BigDL, unencrypted");
      assertThat(BlocksHere.namesIn(cluster.spark(), 2)).isEmpty();
    }
  }

  @Test
  @Tag("long")
  void trainsTheBitsOfGlooOnThreeExecutorsAndAlmostThoseWithHalfTheBytes() {
    try (BigDlCluster cluster = BigDlCluster.start("local-cluster[3,1,1024]")) {
      Heard gloo = cluster.train(config("gloo", Transport.GLOO, 3));
      Heard bigdl = cluster.train(config("bigdl", Transport.BIGDL, 3));
      Heard half = cluster.train(config("half", Transport.BIGDL_FP16, 3));

      assertThat(bigdl.losses()).containsExactly(gloo.losses());
      assertSameBits("bigdl", "gloo");
      assertThat(half.losses()).containsExactly(gloo.losses(), within(0.05));
      assertThat(half.losses()).isNotEqualTo(gloo.losses());
      assertThat(bytes(half) - 8).isEqualTo((bytes(bigdl) - 8) / 2);
      assertThat(BlocksHere.namesIn(cluster.spark(), 3)).isEmpty();
    }
  }

  private static long bytes(Heard heard) {
    return heard.steps.get(0).bucketBytes();
  }

  @Test
  @Tag("long")
  void staysAsPrivateAsSpark() {
    try (BigDlCluster cluster =
        BigDlCluster.start(
            "local-cluster[2,1,1024]",
            "spark.authenticate",
            "true",
            "spark.authenticate.secret",
            SECRET,
            "spark.network.crypto.enabled",
            "true",
            "spark.io.encryption.enabled",
            "true")) {
      Heard heard = cluster.train(config("encrypted", Transport.BIGDL, 2));

      assertThat(heard.steps).hasSize(20);
      assertThat(heard.notes)
          .contains(
              "Gradients travel through Spark's block manager, summed by BigDL, authenticated and"
                  + " encrypted")
          .noneMatch(note -> note.contains(SECRET));
      assertThat(BlocksHere.namesIn(cluster.spark(), 2)).isEmpty();
    }
  }

  /** In local mode, where the test can reach into the block manager of the workers. */
  @Test
  void aLostBlockEndsTheRunByItsName() {
    Heard losing =
        new Heard() {
          @Override
          public synchronized void onStep(StepReport report) {
            super.onStep(report);
            if (report.step() == 3) {
              assertThat(BlocksHere.names()).hasSize(6);
              BlocksHere.removeThoseWith("weightBytes");
            }
          }
        };
    try (BigDlCluster cluster =
        BigDlCluster.start("local[2]", "spark.stage.maxConsecutiveAttempts", "1")) {
      TrainConfig config = config("lost", Transport.BIGDL, 2);
      assertThatThrownBy(() -> cluster.train(config, losing))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("could not add up: Didn't find weight block");
      assertThat(BlocksHere.names()).isEmpty();
      assertThat(losing.steps.size()).isLessThan(20);
    }
  }

  @Test
  @Tag("long")
  void goesOnWhenAnExecutorIsKilled() {
    Heard killing =
        new Heard() {
          @Override
          public synchronized void onStep(StepReport report) {
            super.onStep(report);
            if (report.step() == 9 && starts.size() == 1) {
              List<ProcessHandle> executors = BigDlCluster.executors();
              assertThat(executors.get(0).destroyForcibly()).isTrue();
            }
          }
        };
    try (BigDlCluster cluster = BigDlCluster.start("local-cluster[2,1,1024]")) {
      cluster.train(config("whole", Transport.BIGDL, 2));
      TrainConfig config =
          BigDlCluster.config(folder.resolve("killed"))
              .workers(2)
              .checkpointing(c -> c.withDir(folder.resolve("checkpoints").toString()).withEvery(4))
              .synchronisation(s -> s.with(Transport.BIGDL))
              .build();
      cluster.train(config, killing);

      assertThat(killing.starts).hasSizeGreaterThan(1);
      assertThat(killing.losses()).hasSize(20);
      assertSameBits("killed", "whole");
      assertThat(BlocksHere.namesIn(cluster.spark(), 2)).isEmpty();
    }
  }
}
