package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.tensor.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
  private static final LlamaConfig LLAMA_7B =
      new LlamaConfig(32000, 4096, 11008, 32, 32, 32, 128, 1e-5, 10000, false, 4096);

  /** All matrices; the norms' 266,240 numbers are not counted. */
  private static final long PARAMETERS = 6_738_149_376L;

  /** Numbers of B for each of its ranks, and of A. */
  private static final long B_A_RANK = 1_359_872;

  private static final long A_A_RANK = 2_498_560 - B_A_RANK;

  private static TrainConfigBuilder config() {
    return TrainConfig.builder().model("m").data("d").output("o").dtype(DType.BF16).rank(16);
  }

  @Test
  void loraFaFreezesAndTrainsBAlone() {
    MemoryPlan plan = MemoryPlan.of(config().build(), LLAMA_7B);
    assertThat(plan.weights()).isEqualTo(2 * PARAMETERS);
    assertThat(plan.adapter()).isEqualTo(2 * 16 * A_A_RANK);
    assertThat(plan.trained()).isEqualTo(16 * B_A_RANK * (16 + 2));
  }

  @Test
  void loraTrainsBothAndFullTrainsAll() {
    MemoryPlan lora = MemoryPlan.of(config().method(Method.LORA).build(), LLAMA_7B);
    assertThat(lora.adapter()).isZero();
    assertThat(lora.trained()).isEqualTo(16 * (A_A_RANK + B_A_RANK) * (16 + 2));
    MemoryPlan full =
        MemoryPlan.of(config().method(Method.FULL).dtype(DType.FP32).build(), LLAMA_7B);
    assertThat(full.weights()).isZero();
    assertThat(full.trained()).isEqualTo(16 * PARAMETERS);
  }

  @Test
  void aModuleToSaveIsTrainedAndNotFrozen() {
    MemoryPlan plain = MemoryPlan.of(config().build(), LLAMA_7B);
    MemoryPlan withHead =
        MemoryPlan.of(config().modulesToSave(List.of("lm_head")).build(), LLAMA_7B);
    assertThat(plain.weights() - withHead.weights()).isEqualTo(2 * 32_000L * 4096);
    assertThat(withHead.trained() - plain.trained()).isEqualTo(18 * 32_000L * 4096);
  }

  /** The run of docs/performance.md: a process of 764 MB, of its heap hardly anything in use. */
  @Test
  void comesCloseToAMeasuredRun() {
    TrainConfig config = config().rank(8).alpha(16).microBatchSize(2).maxLength(512).build();
    MemoryPlan plan = MemoryPlan.of(config, Benchmark.SHAPE);
    assertThat(plan.tape()).isEqualTo(196_509_696);
    double withoutSpark = plan.bytesOutsideHeap() - plan.spark();
    assertThat(withoutSpark).isCloseTo(764e6, within(0.15 * 764e6));
  }
}
