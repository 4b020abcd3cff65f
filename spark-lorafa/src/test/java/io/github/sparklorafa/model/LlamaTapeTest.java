package io.github.sparklorafa.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a training step keeps at most, against the closed formula, to the byte. */
@ExtendWith(InScope.class)
class LlamaTapeTest {
  private static final int LAYERS = 3;
  private static final LlamaConfig PLAIN =
      new LlamaConfig(19, 32, 40, LAYERS, 4, 4, 8, 1e-5, 1e4, false, 512);
  private static final LlamaConfig GROUPED =
      new LlamaConfig(19, 32, 48, LAYERS, 4, 2, 12, 1e-5, 1e4, true, 512);
  private static final LlamaConfig NORMED =
      GROUPED.with(
          new LlamaVariant(
              LlamaVariant.Projections.SEPARATE,
              LlamaVariant.AttentionBias.ALL,
              Linear.Bias.YES,
              LlamaVariant.QueryKeyNorm.YES,
              List.of(4, 2, 30)));
  private static final LlamaConfig FUSED =
      GROUPED.with(
          new LlamaVariant(
              LlamaVariant.Projections.FUSED,
              LlamaVariant.AttentionBias.NONE,
              Linear.Bias.NO,
              LlamaVariant.QueryKeyNorm.NO,
              List.of()));
  private static final List<String> ALL = List.of("all-linear");

  private record Shape(LlamaConfig config, DType dtype, Sequences sequences) {
    /** Bytes of a row of that width, in the run's dtype. */
    long row(long width) {
      return width * dtype.bytes();
    }

    /** The input of a norm and its fp32 statistic. */
    long norm() {
      return row(config.hiddenSize()) + Float.BYTES;
    }

    /** The queries, keys and values that scores are made of, and those before norms of heads. */
    long attention() {
      long kept = row(config.queryWidth() + 2L * config.keyValueWidth());
      return config.variant().normsQueriesAndKeys() ? kept + headNorms() : kept;
    }

    private long headNorms() {
      return headNorm(config.numAttentionHeads()) + headNorm(config.numKeyValueHeads());
    }

    private long headNorm(int heads) {
      return heads * (row(config.headDim()) + Float.BYTES);
    }

    /** What those of the lowest layer keep, into whose input no gradient runs. */
    long lowestNorms(boolean ofQueries, boolean ofKeys) {
      if (!config.variant().normsQueriesAndKeys()) {
        return 0;
      }
      return (ofQueries ? headNorm(config.numAttentionHeads()) : 0)
          + (ofKeys ? headNorm(config.numKeyValueHeads()) : 0);
    }

    long gateAndUp() {
      return row(2L * config.intermediateSize());
    }

    /** What a layer keeps for the gradients that pass through it. */
    long through() {
      return 2 * norm() + attention() + gateAndUp();
    }

    long h(int adapters) {
      return row((long) adapters * RandomLlama.RANK);
    }

    /** Inputs of the seven linears: those of q, k, v are one, and those of gate and up. */
    long linearInputs() {
      return row(2L * config.hiddenSize() + config.queryWidth() + config.intermediateSize());
    }
  }

  static Stream<Shape> shapes() {
    return shapes(PLAIN, GROUPED, NORMED);
  }

  static Stream<Shape> shapesOfFused() {
    return shapes(FUSED);
  }

  private static Stream<Shape> shapes(LlamaConfig... configs) {
    List<Sequences> batches =
        List.of(new Sequences(0, 5), new Sequences(0, 1, 8, 10), new Sequences(0, 40, 41));
    return Stream.of(configs)
        .flatMap(
            config ->
                Stream.of(DType.values())
                    .flatMap(
                        dtype -> batches.stream().map(batch -> new Shape(config, dtype, batch))));
  }

  /** The lowest norm's input is not kept, the last norm's is: a layer's bytes, times the layers. */
  @ParameterizedTest
  @MethodSource("shapes")
  void loraFaKeepsWhatGradientsPassThroughAndH(Shape shape) {
    assertKept(shape, Method.LORA_FA, ALL, LAYERS * (shape.through() + shape.h(7)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void loraKeepsTheInputsOfItsLinearsToo(Shape shape) {
    long layer = shape.through() + shape.h(7) + shape.linearInputs();
    assertKept(shape, Method.LORA, ALL, LAYERS * layer);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fullFineTuningKeepsTheInputsOfAllLinears(Shape shape) {
    long layer = shape.through() + shape.linearInputs();
    assertKept(
        shape, RandomLlama.full(shape.config(), shape.dtype()), LAYERS * layer + shape.norm());
  }

  /** Four linears a layer; q, k and v are kept as the one matrix that they are, and so are two. */
  @ParameterizedTest
  @MethodSource("shapesOfFused")
  void fusedProjectionsKeepTheSame(Shape shape) {
    long layer = shape.through() + shape.h(4);
    assertKept(shape, Method.LORA_FA, ALL, LAYERS * layer);
    assertKept(shape, Method.LORA, ALL, LAYERS * (layer + shape.linearInputs()));
    assertKept(
        shape,
        RandomLlama.full(shape.config(), shape.dtype()),
        LAYERS * (shape.through() + shape.linearInputs()) + shape.norm());
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void queriesAndValuesAlone(Shape shape) {
    List<String> targets = List.of("q_proj", "v_proj");
    long layer = shape.through() + shape.h(2);
    long input = shape.row(shape.config().hiddenSize());
    long keyNorm = shape.lowestNorms(false, true);
    assertKept(shape, Method.LORA_FA, targets, LAYERS * layer - keyNorm);
    assertKept(shape, Method.LORA, targets, LAYERS * (layer + input) - keyNorm);
  }

  /**
   * In the lowest layer no gradient runs into the scores, so the values themselves are not kept.
   */
  @ParameterizedTest
  @MethodSource("shapes")
  void valuesAlone(Shape shape) {
    long v = shape.row(shape.config().keyValueWidth());
    long norms = shape.lowestNorms(true, true);
    assertKept(
        shape,
        Method.LORA_FA,
        List.of("v_proj"),
        LAYERS * (shape.through() + shape.h(1)) - v - norms);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void nothingIsKeptBelowTheLowestAdapter(Shape shape) {
    List<String> lastLayer =
        Stream.of("q_proj", "k_proj", "v_proj", "o_proj")
            .map(name -> (LAYERS - 1) + ".self_attn." + name)
            .toList();
    long layer = shape.through() + shape.h(4);
    assertKept(shape, Method.LORA_FA, lastLayer, layer);
  }

  /** The lowest layer keeps h alone. */
  @ParameterizedTest
  @MethodSource("shapes")
  void downProjectionsAlone(Shape shape) {
    List<String> targets = List.of("down_proj");
    long flows = (LAYERS - 1) * shape.through() + shape.norm();
    long product = shape.row(shape.config().intermediateSize());
    assertKept(shape, Method.LORA_FA, targets, flows + LAYERS * shape.h(1));
    assertKept(shape, Method.LORA, targets, flows + LAYERS * (shape.h(1) + product));
  }

  /**
   * LLaMA-7B's layer at rank r keeps 84,992 + 14 r + 8 bytes a token in bf16. The embedding is
   * trained here, so that the gradient passes through the whole of the one layer.
   */
  @Test
  void aLayerOfLlama7b() {
    LlamaConfig config = new LlamaConfig(8, 4096, 11_008, 1, 32, 32, 128, 1e-5, 1e4, false, 2048);
    Shape shape = new Shape(config, DType.BF16, new Sequences(0, 3, 4));
    RandomLlama llama =
        RandomLlama.adapted(
            config,
            DType.BF16,
            Method.LORA_FA,
            ALL,
            RandomLlama.zeros(DType.BF16),
            "model.embed_tokens.weight"::equals);
    long finalNorm = 4096 * 2 + 4;
    assertKept(shape, llama, 84_992 + 14 * RandomLlama.RANK + 8 + finalNorm);
  }

  private static void assertKept(
      Shape shape, Method method, List<String> targets, long bytesPerToken) {
    assertKept(
        shape, RandomLlama.adapted(shape.config(), shape.dtype(), method, targets), bytesPerToken);
  }

  private static void assertKept(Shape shape, RandomLlama llama, long bytesPerToken) {
    int tokens = shape.sequences().tokens();
    int vocabulary = shape.config().vocabSize();
    int[] ids = IntStream.range(0, tokens).map(i -> i * 7 % vocabulary).toArray();
    int[] targets = Arrays.stream(ids).map(id -> (id + 1) % vocabulary).toArray();
    try (CausalModel model = llama.model();
        Tape tape = new Tape()) {
      model.trainStep(MicroBatch.of(ids, targets, shape.sequences()), tape);
      assertThat(tape.isEmpty()).isTrue();
      assertThat(tape.bytes()).isZero();
      assertThat(tape.peakBytes()).isEqualTo(tokens * bytesPerToken);
    }
  }
}
