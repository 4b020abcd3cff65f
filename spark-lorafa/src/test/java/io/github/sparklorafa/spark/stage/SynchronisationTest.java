package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.TrainConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors that synchronise less often, and in fewer bits. */
@Tag("spark")
class SynchronisationTest {
  @TempDir Path folder;

  private final TrainingCluster.Heard heard = new TrainingCluster.Heard();

  private TrainConfig config(String output, int every, String wire) {
    return TrainingCluster.config(folder.resolve(output))
        .workers(2)
        .maxSteps(10)
        .synchronisation(s -> s.withEvery(every).withWireDtype(wire))
        .build();
  }

  @Test
  void executorsAverageEveryFourSteps() throws IOException {
    try (TrainingCluster cluster = TrainingCluster.start("local-cluster[2,1,1024]")) {
      TrainingResult ordinary = cluster.train(config("ordinary", 1, "fp32"), cluster.rows(23));
      TrainingResult first = cluster.train(config("first", 4, "fp32"), cluster.rows(23), heard);
      cluster.train(config("second", 4, "fp32"), cluster.rows(23));
      TrainingResult rounded = cluster.train(config("rounded", 4, "bf16"), cluster.rows(23));

      assertThat(heard.steps.stream().map(StepReport::step))
          .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
      assertThat(heard.steps.stream().filter(step -> step.bucketBytes() > 0).map(StepReport::step))
          .containsExactly(4L, 8L, 10L);
      long trained = first.summary().trainableParameters();
      assertThat(first.summary().bucketBytes()).isEqualTo(4 * trained + 32);
      assertThat(rounded.summary().bucketBytes()).isEqualTo(2 * trained + 32);
      assertThat(folder.resolve("second").resolve(AdapterFiles.MODEL))
          .hasSameBinaryContentAs(folder.resolve("first").resolve(AdapterFiles.MODEL));
      assertThat(first.summary().firstLoss()).isEqualTo(ordinary.summary().firstLoss());
      assertThat(rounded.summary().lastLoss())
          .isNotEqualTo(first.summary().lastLoss())
          .isCloseTo(first.summary().lastLoss(), within(0.05));
    }
  }
}
