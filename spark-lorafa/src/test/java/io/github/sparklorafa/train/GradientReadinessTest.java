package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.TensorAssert;
import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** When each gradient of a model is said to be final, it is. */
class GradientReadinessTest {
  @BeforeAll
  static void load() {
    Natives.load(1);
  }

  /** All kinds of layers, tied and separate heads, and T5's tables that all layers share. */
  @ParameterizedTest
  @CsvSource({
    "llama-gqa, CAUSAL_LM",
    "llama-tied, CAUSAL_LM",
    "llama-bias, CAUSAL_LM",
    "qwen3, CAUSAL_LM",
    "phi3, CAUSAL_LM",
    "roberta-mlm, MASKED_LM",
    "bert-mlm, MASKED_LM",
    "roberta, SEQUENCE_CLASSIFICATION",
    "bert, SEQUENCE_CLASSIFICATION",
    "t5-relu, SEQ2SEQ",
    "t5-gated, SEQ2SEQ",
  })
  void everyGradientIsFinalWhenItIsSaidTo(String folder, Task task) {
    for (Method method : Method.values()) {
      assertTold(folder, LocalTraining.config(method).task(task).build());
    }
  }

  @ParameterizedTest
  @EnumSource
  void recomputingChangesNothing(Recompute recompute) {
    assertTold(
        "llama-gqa",
        LocalTraining.config(Method.LORA)
            .modulesToSave(List.of("lm_head", "embed_tokens"))
            .loraDropout(0.2)
            .recompute(recompute)
            .build());
  }

  @Test
  void theOrderOfReadinessIsThatOfTheBackwardPass() {
    TrainConfig config =
        LocalTraining.config(Method.LORA_FA).modulesToSave(List.of("embed_tokens")).build();
    List<String> order = new ArrayList<>();
    backward(
        "llama-gqa",
        config,
        trained -> {
          for (Parameter parameter : trained.trainables().parameters()) {
            parameter.whenFinal(() -> order.add(parameter.name()));
          }
        },
        trained ->
            assertThat(order)
                .containsExactlyElementsOf(
                    trained.trainables().parameters().stream()
                        .sorted(Parameter.BY_READINESS)
                        .map(Parameter::name)
                        .toList())
                .startsWith("model.layers.2.mlp.down_proj.lora_B.weight")
                .endsWith("model.embed_tokens.weight"));
  }

  private static void assertTold(String folder, TrainConfig config) {
    Map<Parameter, Tensor> told = new LinkedHashMap<>();
    backward(
        folder,
        config,
        trained -> {
          for (Parameter parameter : trained.trainables().parameters()) {
            parameter.whenFinal(() -> told.put(parameter, copy(parameter)));
          }
        },
        trained -> {
          assertThat(told.keySet())
              .as("%s, %s", folder, config.method())
              .containsExactlyInAnyOrderElementsOf(trained.trainables().parameters());
          told.forEach(
              (parameter, atThatTime) -> {
                parameter.reopen();
                TensorAssert.assertBitEqual(parameter.name(), atThatTime, parameter.gradient());
              });
        });
    told.values().forEach(Tensor::close);
  }

  private static Tensor copy(Parameter parameter) {
    parameter.reopen();
    try (Scope scope = new Scope()) {
      return scope.release(parameter.gradient().clone());
    }
  }

  /** Two micro-batches; {@code before} is called between them. */
  private static void backward(
      String folder,
      TrainConfig config,
      Consumer<TrainedModel> before,
      Consumer<TrainedModel> after) {
    TokenStore rows = TokenStore.of(rows(config.task()));
    List<TokenBatch> batches =
        MicroBatches.of(rows, LongStream.range(0, 4).toArray(), 2).stream().toList();
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        HuggingFaceFolder opened =
            HuggingFaceFolder.open(
                ReferenceRun.folder(folder), config.dtype(), Optional.of(config.objective()));
        TrainedModel trained = TrainedModel.open(config, opened, Map.of())) {
      trained.trainables().clear();
      for (TokenBatch batch : batches) {
        if (batch == batches.get(1)) {
          before.accept(trained);
        }
        try (Scope ofBatch = new Scope();
            Tape tape = new Tape(config.recompute())) {
          trained.trainStep(0, batch, tape);
        }
      }
      after.accept(trained);
    }
  }

  private static List<Example> rows(Task task) {
    List<Example> rows = new ArrayList<>();
    for (int row = 0; row < 4; row++) {
      int[] ids = new int[6 + row];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = 5 + (row * 7 + i * i) % 40;
      }
      rows.add(
          switch (task) {
            case SEQUENCE_CLASSIFICATION -> Example.withNumbers(ids, row % 2);
            case SEQ2SEQ -> T5ParityTest.rows().get(row);
            case CAUSAL_LM, MASKED_LM -> new Example(ids, ids.clone());
          });
    }
    return rows;
  }
}
