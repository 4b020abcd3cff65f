package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainingException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An executor that is lost and not replaced in time ends the job; Spark alone would wait for ever.
 */
@Tag("spark")
@Tag("long")
class UnreplacedExecutorTest {
  @Test
  @Timeout(120)
  void endsTheJobWithTheFirstCause(@TempDir Path folder) {
    TrainConfig config =
        TrainingCluster.config(folder.resolve("adapter")).workers(2).maxSteps(300).build();
    // A replacement takes longer than this to start.
    try (TrainingCluster cluster =
        TrainingCluster.start("local-cluster[2,1,1024]", StageWatch.PATIENCE_KEY, "500ms")) {
      assertThatThrownBy(() -> cluster.train(config, cluster.rows(23), new KillAnExecutor()))
          .isInstanceOf(TrainingException.class)
          .hasMessageStartingWith("Cannot train: ")
          .hasMessageContaining("the executors for another try did not come within");
      assertThat(folder.resolve("adapter")).doesNotExist();
    }
  }
}
