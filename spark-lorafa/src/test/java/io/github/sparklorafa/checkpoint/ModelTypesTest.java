package io.github.sparklorafa.checkpoint;

import static io.github.sparklorafa.TensorAssert.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each model type and rotary scaling beside transformers in fp32, on {@code
 * src/test/reference/make_models.py}.
 */
@ExtendWith(InScope.class)
class ModelTypesTest {
  private static final double LOGITS = 1e-4;

  @TempDir Path folder;

  /** With windows shorter than the sequence, of all layers and of one. */
  @ParameterizedTest
  @CsvSource({
    "llama-bias, llama-bias-full",
    "mistral, mistral",
    "qwen2, qwen2",
    "qwen3, qwen3",
    "phi3, phi3"
  })
  void logitsAreThoseOfTransformers(String model, String run) throws IOException {
    JsonNode inputs =
        new ObjectMapper()
            .readTree(Files.readString(Reference.path("input.json")))
            .get("input_ids");
    try (AdaptedModel ours =
            AdaptedModel.open(Reference.path(model), Optional.empty(), DType.FP32);
        SafetensorsFile theirs =
            SafetensorsFile.open(Reference.path("runs/" + run + "/logits.safetensors"))) {
      for (int i = 0; i < inputs.size(); i++) {
        int[] ids = ints(inputs.get(i));
        Tensor logits = ours.causal().logits(ids, new Sequences(0, ids.length));
        assertClose(model, logits, theirs.load("before." + i, DType.FP32), LOGITS);
      }
    }
  }

  /** In both spellings of the configuration; the last ten of 30 positions. */
  @ParameterizedTest
  @ValueSource(strings = {"linear", "llama3", "yarn", "yarn-attention-factor", "yarn-mscale"})
  void scaledRotaryEmbeddingsAreThoseOfTransformers(String scaling) throws IOException {
    Files.copy(Reference.path("ropes/" + scaling + "/config.json"), folder.resolve("config.json"));
    Files.copy(Reference.path("llama-gqa/model.safetensors"), folder.resolve("model.safetensors"));
    int[] ids = longestRow();
    try (AdaptedModel ours = AdaptedModel.open(folder, Optional.empty(), DType.FP32);
        SafetensorsFile theirs = SafetensorsFile.open(Reference.path("ropes/logits.safetensors"))) {
      Tensor logits = ours.causal().logits(ids, new Sequences(0, ids.length));
      assertClose(
          scaling, logits.narrow(0, ids.length - 10, 10), theirs.load(scaling, DType.FP32), LOGITS);
    }
  }

  /** A prompt longer than the windows, then token by token. */
  @ParameterizedTest
  @ValueSource(strings = {"llama-bias", "mistral", "qwen2", "qwen3", "phi3"})
  void generationWithTheCacheIsTheWholeForwardPass(String model) throws IOException {
    int[] ids = longestRow();
    try (AdaptedModel ours =
            AdaptedModel.open(Reference.path(model), Optional.empty(), DType.FP32);
        KeyValueCache cache = ours.causal().newCache()) {
      Tensor whole = ours.causal().logits(ids, new Sequences(0, ids.length));
      Tensor next = ours.causal().nextLogits(Arrays.copyOf(ids, 9), cache);
      assertClose("after the prompt", next, whole.select(0, 8), LOGITS);
      for (int i = 9; i < ids.length; i++) {
        next = ours.causal().nextLogits(new int[] {ids[i]}, cache);
        assertClose("after token " + i, next, whole.select(0, i), LOGITS);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-bias", "mistral", "qwen2", "qwen3", "phi3"})
  void checkpointsHaveTheTensorsThatTheirConfigurationAsksFor(String model) {
    try (HuggingFaceFolder checkpoint = HuggingFaceFolder.open(Reference.path(model), DType.FP32)) {
      checkpoint.checkTensors();
    }
  }

  @Test
  void oneOfThemIsSharded() {
    assertThat(Reference.path("qwen2/model.safetensors.index.json")).exists();
  }

  private static int[] longestRow() throws IOException {
    JsonNode rows =
        new ObjectMapper().readTree(Files.readString(Reference.path("batches.json"))).get("rows");
    return ints(rows.get(10).get("input_ids"));
  }

  private static int[] ints(JsonNode array) {
    return new ObjectMapper().convertValue(array, int[].class);
  }
}
