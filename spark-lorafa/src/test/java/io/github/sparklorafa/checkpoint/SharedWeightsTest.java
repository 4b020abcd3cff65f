package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.model.Model;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several models of one base hold its weights once, also where they had to be converted. */
class SharedWeightsTest {
  private static final Path BASE = Reference.path("llama-gqa");
  private static final List<String> ADAPTERS =
      List.of("adapter-nonzero", "adapter-zero", "adapter-down", "");

  @TempDir Path folder;

  private static AdaptedModel open(Path base, String adapter, DType dtype, SharedWeights weights) {
    Optional<Path> of = adapter.isEmpty() ? Optional.empty() : Optional.of(Reference.path(adapter));
    return weights == null
        ? AdaptedModel.open(base, of, dtype)
        : AdaptedModel.open(base, of, dtype, Optional.empty(), weights);
  }

  /** Native bytes of the models' own weights, each place counted once. */
  private static long bytes(List<AdaptedModel> models) {
    Map<Long, Long> places = new HashMap<>();
    for (AdaptedModel model : models) {
      for (Parameter parameter : model.model().parameters()) {
        try (Scope scope = new Scope()) {
          places.put(parameter.value().data_ptr().address(), parameter.value().nbytes());
        }
      }
    }
    return places.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Of the weights that the configuration asks for. */
  private static long numbers(Path base, String... but) {
    try (HuggingFaceFolder checkpoint = HuggingFaceFolder.open(base, DType.FP32)) {
      return checkpoint.config().tensors().entrySet().stream()
          .filter(tensor -> !List.of(but).contains(tensor.getKey()))
          .mapToLong(tensor -> Arrays.stream(tensor.getValue()).reduce(1, (a, b) -> a * b))
          .sum();
    }
  }

  private static float[] logits(AdaptedModel model) {
    int[] ids = {5, 17, 3, 80, 41, 9};
    try (Scope scope = new Scope()) {
      Tensor logits = model.causal().logits(ids, new Sequences(0, ids.length));
      float[] read = new float[(int) logits.numel()];
      new FloatPointer(logits.to(ScalarType.Float).contiguous().data_ptr()).get(read);
      return read;
    }
  }

  @Test
  void modelsWithSeveralAdaptersHoldTheBaseOnce() {
    long numbers = numbers(BASE);
    for (String adapter : ADAPTERS) {
      try (AdaptedModel first = open(BASE, adapter, DType.BF16, null)) {
        assertThat(logits(first)).as("which makes constants such as scales").isNotEmpty();
      }
    }
    for (DType dtype : DType.values()) {
      int size = dtype == DType.BF16 ? 2 : 4;
      long objects = Pointer.totalCount();
      List<AdaptedModel> models = new ArrayList<>();
      try (SharedWeights weights = new SharedWeights()) {
        for (String adapter : ADAPTERS) {
          models.add(open(BASE, adapter, dtype, weights));
          assertThat(bytes(models)).as(adapter).isEqualTo(numbers * size);
        }
      }
      for (int i = 0; i < ADAPTERS.size(); i++) {
        try (AdaptedModel alone = open(BASE, ADAPTERS.get(i), dtype, null)) {
          assertThat(bytes(List.of(models.get(i), alone))).isEqualTo(2 * numbers * size);
          assertThat(logits(models.get(i))).as(ADAPTERS.get(i)).isEqualTo(logits(alone));
        }
        // Those that are left are not touched by it.
        models.get(i).close();
      }
      assertThat(Pointer.totalCount()).as("native objects").isEqualTo(objects);
    }
  }

  @Test
  void whatAnAdapterSavedIsItsOwn() {
    try (SharedWeights weights = new SharedWeights();
        AdaptedModel plain = open(BASE, "", DType.BF16, weights);
        AdaptedModel saved = open(BASE, "adapter-saved", DType.BF16, weights);
        AdaptedModel alone = open(BASE, "adapter-saved", DType.BF16, null);
        AdaptedModel plainAlone = open(BASE, "", DType.BF16, null)) {
      String[] own = {"model.embed_tokens.weight", "lm_head.weight"};
      long ofTheAdapter = numbers(BASE) - numbers(BASE, own);
      assertThat(bytes(List.of(plain, saved))).isEqualTo(2 * (numbers(BASE) + ofTheAdapter));
      assertThat(logits(saved)).isEqualTo(logits(alone)).isNotEqualTo(logits(plain));
      assertThat(logits(plain)).isEqualTo(logits(plainAlone));
    }
  }

  @Test
  void objectivesShareWhatTheyHaveInCommon() {
    Path base = Reference.path("roberta");
    try (SharedWeights weights = new SharedWeights();
        AdaptedModel one =
            AdaptedModel.open(
                base,
                Optional.of(Reference.path("adapter-roberta-nonzero")),
                DType.BF16,
                Optional.of(new Objective.Classification(3, Objective.Kind.SINGLE_LABEL)),
                weights);
        AdaptedModel several =
            AdaptedModel.open(
                base,
                Optional.empty(),
                DType.BF16,
                Optional.of(new Objective.Classification(3, Objective.Kind.MULTI_LABEL)),
                weights)) {
      long once = numbers(base) * 2;
      long head = headBytes(one.model());
      assertThat(bytes(List.of(one, several))).isEqualTo(once + head);
    }
  }

  /** The adapter's own. */
  private static long headBytes(Model model) {
    return model.parameters().stream()
        .filter(parameter -> parameter.name().startsWith("classifier."))
        .mapToLong(parameter -> parameter.value().nbytes())
        .sum();
  }

  @Test
  void threadsThatOpenAtOnceShareToo() throws Exception {
    long objects = Pointer.totalCount();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (SharedWeights weights = new SharedWeights()) {
      CountDownLatch ready = new CountDownLatch(4);
      List<Future<AdaptedModel>> opened = new ArrayList<>();
      for (String adapter : ADAPTERS) {
        opened.add(
            threads.submit(
                () -> {
                  ready.countDown();
                  ready.await();
                  return open(BASE, adapter, DType.BF16, weights);
                }));
      }
      List<AdaptedModel> models = new ArrayList<>();
      for (Future<AdaptedModel> model : opened) {
        models.add(model.get());
      }
      assertThat(bytes(models)).isEqualTo(2 * numbers(BASE));
      models.forEach(AdaptedModel::close);
    } finally {
      threads.shutdown();
    }
    assertThat(Pointer.totalCount()).isEqualTo(objects);
  }

  /** The old numbers stay with who has them. */
  @Test
  void aFileThatWasReplacedIsReadAnew() throws IOException {
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(BASE.resolve(name), folder.resolve(name));
    }
    try (SharedWeights weights = new SharedWeights();
        AdaptedModel before = open(folder, "", DType.BF16, weights)) {
      Path other = folder.resolve("other");
      Files.copy(BASE.resolve("model.safetensors"), other);
      Files.move(
          other,
          folder.resolve("model.safetensors"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      try (AdaptedModel after = open(folder, "", DType.BF16, weights)) {
        assertThat(bytes(List.of(before, after))).isEqualTo(2 * 2 * numbers(BASE));
        assertThat(logits(after)).isEqualTo(logits(before));
      }
    }
  }

  @Test
  void whatCannotBeOpenedHoldsNothing() {
    try (SharedWeights weights = new SharedWeights()) {
      open(BASE, "", DType.BF16, weights).close();
      long objects = Pointer.totalCount();
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> open(BASE, "adapter-tied-head", DType.BF16, weights))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThat(Pointer.totalCount()).isEqualTo(objects);
    }
  }
}
