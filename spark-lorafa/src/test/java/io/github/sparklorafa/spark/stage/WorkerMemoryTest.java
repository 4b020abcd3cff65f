package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.MemoryPlan;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class WorkerMemoryTest {
  private static final ModelConfig SHAPE = shape();

  private static ModelConfig shape() {
    try (HuggingFaceFolder folder =
        HuggingFaceFolder.open(TrainingCluster.reference("llama-gqa"), DType.FP32)) {
      return folder.config();
    }
  }

  private static TrainConfigBuilder auto() {
    return TrainConfig.builder()
        .model("m")
        .data("d")
        .output("o")
        .batchSize(64)
        .workers(3)
        .maxLength(512)
        .microBatchSize(TrainConfig.AUTO);
  }

  private static SparkConf conf(String master) {
    return new SparkConf(false).set("spark.master", master);
  }

  private static int chosen(TrainConfig config, SparkConf conf) {
    Problems problems = new Problems();
    TrainConfig chosen = WorkerMemory.chosen(config, SHAPE, conf, problems);
    problems.throwIfAny();
    return chosen.microBatchSize();
  }

  private static long needed(int sequences) {
    return MemoryPlan.of(auto().build().withMicroBatchSize(sequences), SHAPE).bytesOutsideHeap();
  }

  @Test
  void takesAsManyAsTheMemoryAllows() {
    long five = needed(5);
    assertThat(chosen(auto().memory(five).build(), conf("spark://host:7077"))).isEqualTo(5);
    assertThat(chosen(auto().memory(five - 1).build(), conf("spark://host:7077"))).isEqualTo(4);
    assertThat(chosen(auto().memory(1).build(), conf("spark://host:7077"))).isEqualTo(1);
  }

  @Test
  void takesNoMoreThanAWorkersShareOfTheBatch() {
    assertThat(chosen(auto().memory(1L << 40).build(), conf("spark://host:7077"))).isEqualTo(22);
  }

  /** The container's overhead limits it where no memory is named. */
  @Test
  void takesWhatTheContainerGrants() {
    long mib = (needed(5) >> 20) + 1;
    SparkConf yarn = conf("yarn").set("spark.executor.memoryOverhead", mib + "m");
    int fits = MemoryPlan.largestMicroBatch(auto().build(), SHAPE, mib << 20, 22);
    assertThat(fits).isBetween(5, 21);
    assertThat(chosen(auto().build(), yarn)).isEqualTo(fits);
  }

  @Test
  void sharesThisHostWhereAllWorkersRunOnIt() {
    assertThat(chosen(auto().build(), conf("local[3]"))).isBetween(1, 22);
    assertThat(chosen(auto().build(), conf("local-cluster[3,1,1024]"))).isBetween(1, 22);
  }

  @Test
  void asksWhereNothingSaysHowMuch() {
    assertThatThrownBy(() -> chosen(auto().build(), conf("spark://host:7077")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot choose a micro-batch size: ");
  }

  @Test
  void leavesWhatIsGiven() {
    assertThat(chosen(auto().microBatchSize(7).build(), conf("spark://host:7077"))).isEqualTo(7);
  }
}
