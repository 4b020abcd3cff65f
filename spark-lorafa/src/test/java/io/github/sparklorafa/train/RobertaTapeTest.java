package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.model.RobertaConfig;
import io.github.sparklorafa.model.RobertaFamily;
import io.github.sparklorafa.nn.Gelu;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The formula against what the tape of a training step holds, to the byte, and written out. */
class RobertaTapeTest {
  @TempDir Path temporary;

  private record Case(String model, List<String> targets, List<String> saved) {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    List<String> all = List.of("all-linear");
    for (String model : List.of("roberta", "bert")) {
      cases.add(new Case(model, all, List.of()));
      cases.add(new Case(model, List.of("query", "value"), List.of()));
      cases.add(new Case(model, List.of("value"), List.of()));
      cases.add(new Case(model, List.of("attention.output.dense"), List.of()));
      cases.add(new Case(model, List.of("intermediate.dense"), List.of()));
      cases.add(new Case(model, List.of("1.output.dense"), List.of()));
      cases.add(new Case(model, List.of("key"), List.of("word_embeddings")));
      cases.add(
          new Case(model, List.of("1.output.dense"), List.of("0.attention.output.LayerNorm")));
      cases.add(new Case(model, List.of("query"), List.of("0.intermediate.dense")));
    }
    cases.add(new Case("bert", List.of("pooler.dense"), List.of()));
    cases.add(new Case("roberta-mlm", all, List.of()));
    cases.add(new Case("roberta-mlm", List.of("lm_head.dense"), List.of()));
    cases.add(new Case("roberta-mlm", List.of("value"), List.of("lm_head")));
    cases.add(new Case("roberta-mlm", List.of("0.attention.self.query"), List.of("layer_norm")));
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void adaptersKeepWhatWasPlanned(Case the) {
    for (Method method : List.of(Method.LORA_FA, Method.LORA)) {
      for (DType dtype : DType.values()) {
        for (boolean frozen : new boolean[] {true, false}) {
          assertKept(the, method, dtype, frozen);
        }
      }
    }
  }

  @Test
  void fullFineTuningKeepsWhatWasPlanned() {
    for (String model : List.of("roberta", "bert", "roberta-mlm", "bert-mlm")) {
      for (DType dtype : DType.values()) {
        assertKept(new Case(model, List.of("all-linear"), List.of()), Method.FULL, dtype, false);
      }
    }
  }

  private void assertKept(Case the, Method method, DType dtype, boolean frozenHead) {
    for (Recompute recompute : Recompute.values()) {
      assertKept(the, method, dtype, frozenHead, recompute);
    }
  }

  private void assertKept(
      Case the, Method method, DType dtype, boolean frozenHead, Recompute recompute) {
    boolean masked = the.model().endsWith("mlm");
    if (masked && frozenHead) {
      return; // the same as not frozen
    }
    boolean frozen = frozenHead && method.adapts();
    TrainConfig config =
        LocalTraining.config(method)
            .dtype(dtype)
            .targetModules(the.targets())
            .modulesToSave(the.saved())
            .task(masked ? Task.MASKED_LM : Task.SEQUENCE_CLASSIFICATION)
            .taskSettings(settings -> settings.withFreezeHead(frozen))
            .batchSize(3)
            .microBatchSize(3)
            .recompute(recompute)
            .maxSteps(1)
            .build();
    Path model = ReferenceRun.folder(the.model());
    TrainInputs inputs =
        new TrainInputs(
            config,
            model,
            Optional.empty(),
            rows(masked),
            Optional.empty(),
            temporary.resolve(the.model() + method + dtype + frozenHead + recompute));
    TrainSummary summary = LocalTraining.train(1, rank -> inputs).get(0).summary();
    try (HuggingFaceFolder folder =
        HuggingFaceFolder.open(model, dtype, Optional.of(config.objective()))) {
      assertThat(summary.tapeBytes())
          .as("%s %s %s %s, head frozen: %s", the, method, dtype, recompute, frozenHead)
          .isEqualTo(TapePlan.of(config, folder.config()).bytes(summary.tokens(), 0, 3));
    }
  }

  /** Three rows; of masked tokens every one has a label, as the formula counts. */
  static TokenStore rows(boolean masked) {
    List<Example> rows = new ArrayList<>();
    for (JsonNode row : ReferenceRun.read(ReferenceRun.folder("roberta-rows.json")).get("rows")) {
      int[] ids = ReferenceRun.ints(row.get("input_ids"));
      rows.add(
          masked
              ? new Example(
                  ids, IntStream.of(ids).map(id -> (id + 1) % 47).toArray(), LabelKind.SAME_TOKENS)
              : Example.withNumbers(ids, row.get("single").get(0).floatValue()));
    }
    return TokenStore.of(rows.subList(0, 3));
  }

  /** RoBERTa-base at rank 8 and two bytes a number, by the formula of the class's page. */
  @Test
  void robertaBase() {
    long loraFa = 2 * (5 * 768 + 3072 + 6 * 8) + 16;
    long inputs = 2 * (3 * 768 + 3072);
    assertThat(base(Method.LORA_FA, Recompute.NONE)).isEqualTo(12 * loraFa);
    assertThat(base(Method.LORA, Recompute.NONE)).isEqualTo(12 * (loraFa + inputs));
    // What is left is attention's output, and the lowest layer's input, whose origin is not kept.
    assertThat(base(Method.LORA, Recompute.ELEMENTWISE))
        .isEqualTo(12 * (loraFa + 2 * 768) + 2 * 768);
    assertThat(base(Method.FULL, Recompute.NONE))
        .isEqualTo(12 * (loraFa + inputs - 12 * 8) + 2 * 768 + 8);
  }

  private static long base(Method method, Recompute recompute) {
    Objective.Classification two = new Objective.Classification(2, Objective.Kind.SINGLE_LABEL);
    RobertaConfig model =
        new RobertaConfig(
            RobertaFamily.ROBERTA,
            50_265,
            768,
            3072,
            12,
            12,
            514,
            1,
            1e-5,
            1,
            Gelu.Form.ERF,
            true,
            two,
            two);
    AdapterConfig adapter =
        new AdapterConfig(8, 16, List.of("all-linear"), List.of("classifier"), false);
    return TapePlan.of(model, method, adapter, DType.BF16, recompute).bytesPerToken();
  }
}
