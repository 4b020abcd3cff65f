package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.TensorAssert;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files of a RoBERTa or BERT with other names, fewer tensors, or heads of other tasks. */
@ExtendWith(InScope.class)
class RobertaFolderTest {
  private static final Objective.Classification FIVE =
      new Objective.Classification(5, Objective.Kind.SINGLE_LABEL);

  @TempDir Path temporary;

  /** A copy of a fixture whose tensors have other names; null leaves one out. */
  private Path renamed(String fixture, UnaryOperator<String> name) throws IOException {
    Path from = Reference.path(fixture);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(from.resolve("model.safetensors"))) {
      for (String stored : file.names()) {
        if (name.apply(stored) != null) {
          tensors.put(name.apply(stored), file.load(stored, DType.FP32));
        }
      }
    }
    SafetensorsWriter.write(
        temporary.resolve("model.safetensors"), SafetensorsWriter.entries(tensors, DType.FP32));
    Files.copy(from.resolve("config.json"), temporary.resolve("config.json"));
    return temporary;
  }

  private static void assertSameWeights(
      Path folder, String fixture, Optional<Objective> objective) {
    try (HuggingFaceFolder ours = HuggingFaceFolder.open(folder, DType.FP32, objective);
        HuggingFaceFolder original =
            HuggingFaceFolder.open(Reference.path(fixture), DType.FP32, objective)) {
      ours.checkTensors();
      ours.checkNumbers();
      assertThat(ours.lacking()).isEqualTo(original.lacking());
      ours.config()
          .tensors()
          .forEach(
              (name, shape) -> {
                if (!ours.lacking().contains(name)) {
                  TensorAssert.assertBitEqual(
                      name, ours.load(name, shape), original.load(name, shape));
                }
              });
    }
  }

  /** As the file of a plain {@code RobertaModel}. */
  @Test
  void readsAnEncoderWithoutPrefix() throws IOException {
    Path folder =
        renamed("roberta", name -> name.startsWith("roberta.") ? name.substring(8) : null);
    assertThat(Files.exists(folder.resolve("model.safetensors"))).isTrue();
    try (HuggingFaceFolder opened = HuggingFaceFolder.open(folder, DType.FP32, Optional.of(FIVE))) {
      opened.checkTensors();
      assertThat(opened.lacking())
          .containsExactly(
              "classifier.dense.weight",
              "classifier.dense.bias",
              "classifier.out_proj.weight",
              "classifier.out_proj.bias");
    }
    assertThatThrownBy(
            () -> {
              try (HuggingFaceFolder opened =
                  HuggingFaceFolder.open(
                      folder, DType.FP32, Optional.of(new Objective.MaskedLm()))) {
                opened.checkTensors();
              }
            })
        .hasMessageContaining("lm_head.dense.weight");
  }

  /** As {@code bert-base-uncased}. */
  @Test
  void readsNormsOfOldNames() throws IOException {
    Path folder =
        renamed(
            "bert",
            name ->
                name.replace("LayerNorm.weight", "LayerNorm.gamma")
                    .replace("LayerNorm.bias", "LayerNorm.beta"));
    assertSameWeights(folder, "bert", Optional.empty());
  }

  /** As transformers 4 wrote some: the bias under the other of its two names. */
  @Test
  void readsTheOutputsBiasUnderEitherName() throws IOException {
    Path folder =
        renamed("roberta-mlm", name -> name.replace("lm_head.bias", "lm_head.decoder.bias"));
    assertSameWeights(folder, "roberta-mlm", Optional.empty());
  }

  /** A classifier from a masked language model: its head is read over, the new one is lacking. */
  @Test
  void headsOfOtherTasksAreReadOver() {
    try (HuggingFaceFolder folder =
        HuggingFaceFolder.open(Reference.path("roberta-mlm"), DType.FP32, Optional.of(FIVE))) {
      folder.checkTensors();
      assertThat(folder.lacking()).hasSize(4);
      assertThat(folder.config().objective()).isEqualTo(FIVE);
    }
  }

  @Test
  void refusesAHeadOfAnotherSize() {
    try (HuggingFaceFolder folder =
        HuggingFaceFolder.open(Reference.path("roberta"), DType.FP32, Optional.of(FIVE))) {
      assertThatThrownBy(folder::checkTensors)
          .hasMessage(
              "Cannot use the head of: %s, which has 3 labels, not 5 (set the number of labels to 3,"
                  + " or give a checkpoint without a head, for which a new one is made)",
              Reference.path("roberta"));
    }
  }
}
