package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.tensor.DType;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is computed again is the same bit by bit, so every way to train takes the same steps. */
class RecomputeTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @CsvSource({
    "llama-gqa, CAUSAL_LM",
    "qwen3, CAUSAL_LM",
    "phi3, CAUSAL_LM",
    "roberta, SEQUENCE_CLASSIFICATION",
    "bert-mlm, MASKED_LM",
    "t5-relu, SEQ2SEQ",
    "t5-gated, SEQ2SEQ"
  })
  void changesNoStep(String model, Task task) {
    for (Method method : Method.values()) {
      for (DType dtype : DType.values()) {
        LocalTraining.Worker kept = train(model, task, method, dtype, Recompute.NONE);
        for (Recompute recompute : Recompute.values()) {
          LocalTraining.Worker again = train(model, task, method, dtype, recompute);
          String name = "%s %s %s".formatted(method, dtype, recompute);
          assertThat(again.losses()).as(name).containsExactly(kept.losses());
          assertThat(again.gradNorms()).as(name).containsExactly(kept.gradNorms());
          assertThat(again.summary().tapeBytes())
              .as(name)
              .isLessThanOrEqualTo(kept.summary().tapeBytes());
        }
      }
    }
  }

  /** Whatever is made again is given back. */
  @ParameterizedTest
  @CsvSource({"llama-gqa, CAUSAL_LM", "roberta, SEQUENCE_CLASSIFICATION", "t5-gated, SEQ2SEQ"})
  void leavesNothingBehind(String model, Task task) {
    for (Recompute recompute : Recompute.values()) {
      train(model, task, Method.LORA, DType.FP32, recompute);
      long before = Pointer.totalCount();
      train(model, task, Method.LORA, DType.FP32, recompute);
      assertThat(Pointer.totalCount()).as(recompute.text()).isEqualTo(before);
    }
  }

  private LocalTraining.Worker train(
      String model, Task task, Method method, DType dtype, Recompute recompute) {
    TrainConfig config =
        LocalTraining.config(method)
            .task(task)
            .dtype(dtype)
            .loraDropout(method.adapts() ? 0.1 : 0)
            .batchSize(2)
            .microBatchSize(2)
            .maxSteps(3)
            .recompute(recompute)
            .build();
    TrainInputs inputs =
        new TrainInputs(
            config,
            ReferenceRun.folder(model),
            Optional.empty(),
            rows(task),
            Optional.empty(),
            temporary.resolve(model + method + dtype + recompute + System.nanoTime()));
    return LocalTraining.train(1, rank -> inputs).get(0);
  }

  private static TokenStore rows(Task task) {
    return switch (task) {
      case CAUSAL_LM -> ReferenceRun.data();
      case MASKED_LM -> RobertaTapeTest.rows(true);
      case SEQUENCE_CLASSIFICATION -> RobertaTapeTest.rows(false);
      case SEQ2SEQ -> TokenStore.of(T5ParityTest.rows());
    };
  }
}
