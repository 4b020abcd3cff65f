package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.spark.stage.KillAtMoments.Moment;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An executor is killed twenty times, five of them while it loads, in the middle of a step, while
 * it waits in the sum, and while it writes a checkpoint; over each transport. The result has the
 * bits of the undisturbed run's.
 */
@Tag("spark")
@Tag("long")
class KillMatrixTest {
  private static final int RUNS = 5;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  @Timeout(1200)
  void twentyKillsChangeNoBit(Carrier carrier) {
    long seed = Long.getLong("spark-lorafa.seed", System.nanoTime());
    System.out.printf("KillMatrixTest over %s: -Dspark-lorafa.seed=%d%n", carrier, seed);
    Random random = new Random(seed);
    List<Duration> untilAgain = new ArrayList<>();
    int torn = 0;
    try (TrainingCluster cluster =
        carrier.start(
            "spark.stage.maxConsecutiveAttempts", "20", StageWatch.PATIENCE_KEY, "120s")) {
      TrainConfigBuilder config =
          carrier.in(
              TrainingCluster.config(folder.resolve("undisturbed")).workers(2).maxSteps(400));
      cluster.train(config.build(), cluster.rows(23));
      for (int run = 0; run < RUNS; run++) {
        List<Moment> moments = new ArrayList<>(Arrays.asList(Moment.values()));
        Collections.shuffle(moments, random);
        Path checkpoints = folder.resolve("checkpoints-" + run);
        Path output = folder.resolve("killed-" + run);
        KillAtMoments killer = new KillAtMoments(moments, random, checkpoints);
        cluster.spark().sparkContext().addSparkListener(killer);

        TrainingResult result =
            cluster.train(
                config
                    .output(output.toString())
                    .checkpointing(c -> c.withDir(checkpoints.toString()).withEvery(8))
                    .build(),
                cluster.rows(23),
                killer);

        cluster.spark().sparkContext().removeSparkListener(killer);
        killer.told().forEach(System.out::println);
        assertThat(killer.told()).hasSize(moments.size());
        assertThat(result.attempts()).isEqualTo(moments.size() + 1);
        assertThat(output.resolve("adapter_model.safetensors"))
            .hasSameBinaryContentAs(folder.resolve("undisturbed/adapter_model.safetensors"));
        untilAgain.addAll(killer.untilAgain());
        torn += killer.torn();
      }
    }
    Collections.sort(untilAgain);
    System.out.printf(
        "%s: 20 kills, %d of 5 tore a checkpoint; from a kill to the next step: median %.1f s, most"
            + " %.1f s%n",
        carrier,
        torn,
        untilAgain.get(untilAgain.size() / 2).toMillis() / 1e3,
        untilAgain.get(untilAgain.size() - 1).toMillis() / 1e3);
    assertThat(torn).as("checkpoints that a kill tore").isPositive();
    assertThat(untilAgain).allMatch(duration -> duration.compareTo(Duration.ofSeconds(60)) < 0);
  }
}
