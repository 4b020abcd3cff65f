package io.github.sparklorafa.train;

import static io.github.sparklorafa.TensorAssert.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.NativeHeap;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.checkpoint.FullCheckpointWriter;
import io.github.sparklorafa.checkpoint.SharedWeights;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(InScope.class)
class PackedBaseMemoryTest {
  private static final LlamaConfig SHAPE =
      new LlamaConfig(97, 1024, 4096, 2, 8, 8, 128, 1e-5, 10_000, true, 128);

  private static final String CONFIG =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 97,
       "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 2,
       "num_attention_heads": 8, "num_key_value_heads": 8, "head_dim": 128,
       "rms_norm_eps": 1e-5, "rope_theta": 10000, "tie_word_embeddings": true,
       "max_position_embeddings": 128, "hidden_act": "silu", "torch_dtype": "bfloat16"}
      """;

  /** Numbers of the linear layers. */
  static final long PACKED = 2L * (4 * 1024 * 1024 + 3 * 1024 * 4096);

  /** The largest block that a weight is unpacked by. */
  private static final long BLOCK = 16 << 20;

  /** Shapes, references, products' buffers and the like: a seventh of the weights in NF4. */
  private static final long SMALL_THINGS = 5 << 19;

  private static final int TIMES = 7;

  @TempDir private Path temporary;

  /**
   * Resident memory, mapped pages of the file and all: 67 MB of weights are never there at once.
   * The least of several times, since what the virtual machine takes meanwhile only adds.
   */
  @Tag("long")
  @ParameterizedTest
  @EnumSource(names = {"INT8", "NF4"})
  void theWholeModelIsNeverInMemory(BaseDType base) throws Exception {
    Path checkpoint = checkpoint(temporary);
    Peak peak = peak(checkpoint, base);
    assertThat(peak.held()).isBetween(PACKED / 2, PACKED + PACKED / 64);
    assertThat(peak.bytes()).isBetween(peak.held() / 2, peak.held() + BLOCK);
    assertThat(peak.held() + BLOCK).isLessThan(2 * PACKED);
  }

  /**
   * Of what was allocated; the other weights are mapped. Medians of several times, since the
   * virtual machine's compilers take and free some megabytes meanwhile.
   */
  @ParameterizedTest
  @EnumSource(names = {"INT8", "NF4"})
  void modelsThatPredictOnOneBaseHoldItsFewBitsOnce(BaseDType base) throws IOException {
    Path checkpoint = checkpoint(temporary);
    long expected =
        SHAPE.packableWeights().stream()
            .map(name -> SHAPE.tensors().get(name))
            .mapToLong(shape -> base.bytes(shape[0], shape[1]))
            .sum();
    List<Held> held = new ArrayList<>();
    for (int i = 0; i < TIMES; i++) {
      held.add(held(checkpoint, base));
    }
    assertThat(median(held, Held::byOne)).isBetween(expected, expected + SMALL_THINGS);
    assertThat(median(held, Held::byOther)).isLessThan(SMALL_THINGS);
    assertThat(median(held, Held::byOneAlone)).as("what a model holds").isGreaterThan(expected);
    assertThat(median(held, Held::byNone)).isLessThan(SMALL_THINGS);
  }

  /** Bytes that a model holds, another on the same base beside it, the first alone, and none. */
  private record Held(long byOne, long byOther, long byOneAlone, long byNone) {}

  private static Held held(Path checkpoint, BaseDType base) {
    long before = bytesInUse();
    long one;
    long other;
    long alone;
    try (SharedWeights weights = new SharedWeights();
        AdaptedModel first = open(checkpoint, base, weights)) {
      one = bytesInUse() - before;
      try (AdaptedModel second = open(checkpoint, base, weights)) {
        other = bytesInUse() - before - one;
        assertClose("logits", logits(first), logits(second), 0);
      }
      weights.close();
      alone = bytesInUse() - before;
      assertThat(logits(first).isfinite().all().item_bool()).isTrue();
    }
    return new Held(one, other, alone, bytesInUse() - before);
  }

  /** Without what lies idle until the next tensor takes it. */
  private static long bytesInUse() {
    Buffers.trim();
    return NativeHeap.bytesInUse();
  }

  private static long median(List<Held> held, ToLongFunction<Held> bytes) {
    return held.stream().mapToLong(bytes).sorted().toArray()[TIMES / 2];
  }

  private static AdaptedModel open(Path checkpoint, BaseDType base, SharedWeights weights) {
    return AdaptedModel.open(
        checkpoint, Optional.empty(), DType.BF16, base, Optional.empty(), weights);
  }

  private static Tensor logits(AdaptedModel model) {
    return model.causal().logits(new int[] {5, 17, 40, 3, 88}, new Sequences(0, 5));
  }

  /**
   * Of loading.
   *
   * @param bytes that became resident
   * @param held by the frozen weights in the end
   */
  private record Peak(long bytes, long held) {}

  /** In a process of its own: memory that other tests freed would be taken again unseen. */
  private static Peak peak(Path checkpoint, BaseDType base) throws Exception {
    long[] bytes = StepPeakMain.peaksOf(LoadingPeakMain.class, checkpoint.toString(), base.name());
    return new Peak(bytes[0], bytes[1]);
  }

  /** Writes one of random weights in bf16. */
  static Path checkpoint(Path temporary) throws IOException {
    Path source = Files.createDirectory(temporary.resolve("source"));
    Files.writeString(source.resolve("config.json"), CONFIG);
    Path output = temporary.resolve("checkpoint");
    try (Scope scope = new Scope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      SHAPE
          .tensors()
          .forEach((name, shape) -> tensors.put(name, Tensors.random(DType.BF16, shape)));
      FullCheckpointWriter.write(source, output, tensors, DType.BF16, SHAPE);
    }
    return output;
  }
}
