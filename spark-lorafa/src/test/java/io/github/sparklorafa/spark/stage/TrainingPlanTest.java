package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.train.TrainConfig;
import java.util.List;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class TrainingPlanTest {
  private static TrainingPlan plan(SparkConf conf) {
    TrainConfig config =
        TrainConfig.builder()
            .model(TrainingCluster.reference("llama-gqa").toString())
            .data("d")
            .output("o")
            .workers(3)
            .build();
    return TrainingPlan.of(conf, config);
  }

  @Test
  void theSettingsThatItNamesAreEnough() {
    SparkConf yarn = new SparkConf(false).set("spark.master", "yarn");
    yarn.set("spark.executor.memoryOverhead", "300m");
    TrainingPlan small = plan(yarn);
    assertThat(small.problem()).isPresent();
    assertThat(small.settings())
        .containsEntry("spark.executor.instances", "3")
        .containsEntry("spark.executor.memory", "1024m")
        .containsEntry("spark.dynamicAllocation.enabled", "false");

    small.settings().forEach(yarn::set);

    assertThat(plan(yarn).problem()).isEmpty();
    assertThat(plan(yarn).grantedBytes()).isGreaterThanOrEqualTo(small.memory().bytesOutsideHeap());
  }

  @Test
  void withoutContainersNothingIsRefused() {
    TrainingPlan plan = plan(new SparkConf(false).set("spark.master", "local[2]"));
    assertThat(plan.problem()).isEmpty();
    assertThat(plan.grantedBytes()).isZero();
    assertThat(plan.executorBytes()).isEqualTo((1L << 30) + plan.memory().bytesOutsideHeap());
  }

  @Test
  void refusesMoreThanTheMemoryThatIsAllowed() {
    TrainConfig config =
        TrainConfig.builder()
            .model(TrainingCluster.reference("llama-gqa").toString())
            .data("d")
            .output("o")
            .memory(300L << 20)
            .build();
    assertThat(TrainingPlan.of(new SparkConf(false).set("spark.master", "local"), config).problem())
        .hasValueSatisfying(
            problem ->
                assertThat(problem)
                    .startsWith("Cannot fit a worker: about ")
                    .contains("memory allows 300 MiB (allow more"));
  }

  @Test
  void refusesModulesThatTheModelDoesNotHave() {
    TrainConfig config =
        TrainConfig.builder()
            .model(TrainingCluster.reference("llama-gqa").toString())
            .data("d")
            .output("o")
            .targetModules(List.of("query"))
            .layersToTransform(List.of(3))
            .build();
    assertThatThrownBy(() -> TrainingPlan.of(new SparkConf(false), config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot adapt target modules: query (")
        .hasMessageContaining("Cannot use layers to transform: [3] (");
  }
}
