package io.github.sparklorafa.model;

import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaVariant.AttentionBias;
import io.github.sparklorafa.model.Model.LossSum;
import io.github.sparklorafa.nn.CausalAttention;
import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Rope;
import io.github.sparklorafa.nn.RopeScaling;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(InScope.class)
class LlamaTest {
  private static final LlamaConfig CONFIG =
      new LlamaConfig(23, 16, 20, 2, 4, 2, 6, 1e-5, 1e4, false, 64);

  /** The rarest of each: norms of heads, fused projections, biases, windows, a part that turns. */
  static List<LlamaConfig> variants() {
    LlamaVariant plain = LlamaVariant.PLAIN;
    LlamaVariant normed =
        new LlamaVariant(
            plain.projections(),
            AttentionBias.ALL,
            Linear.Bias.YES,
            LlamaVariant.QueryKeyNorm.YES,
            List.of(3, CausalAttention.NO_WINDOW));
    LlamaVariant fused =
        new LlamaVariant(
            LlamaVariant.Projections.FUSED,
            AttentionBias.INPUTS,
            Linear.Bias.NO,
            plain.queryKeyNorm(),
            List.of(2, 4));
    RopeScaling scaling = new RopeScaling.Yarn(4, 1.3, 32, 1, 16, RopeScaling.Yarn.Edges.EXACT);
    return List.of(CONFIG, CONFIG.with(normed), CONFIG.with(fused).with(new Rope(4, 1e3, scaling)));
  }

  private static final int[] IDS = {1, 5, 9, 13, 17, 21, 2, 6};
  private static final int[] TARGETS = {5, 9, -100, 17, -100, 2, 6, -100};
  private static final Sequences SEQUENCES = new Sequences(0, 5, 8);
  private static final List<String> ALL = List.of("all-linear");

  /** Outputs of q, k, v, o, gate, up and down. */
  private static final long OUTPUTS = 2 * (24 + 12 + 12 + 16 + 20 + 20 + 16);

  private static final long INPUTS = 2 * (16 + 16 + 16 + 24 + 16 + 16 + 20);

  @Test
  void trainsRankTimesOutputsForLoraFaAndInputsTooForLora() {
    long rank = RandomLlama.RANK;
    assertThat(adapted(Method.LORA_FA).trainedCount()).isEqualTo(rank * OUTPUTS);
    assertThat(adapted(Method.LORA).trainedCount()).isEqualTo(rank * (OUTPUTS + INPUTS));
    RandomLlama full = RandomLlama.full(CONFIG, DType.FP32);
    assertThat(full.trainedCount())
        .isEqualTo(full.model().parameters().stream().mapToLong(Parameter::count).sum());
  }

  @ParameterizedTest
  @EnumSource
  void evaluatesToTheLossOfTraining(DType dtype) {
    RandomLlama llama = RandomLlama.adapted(CONFIG, dtype, Method.LORA_FA, ALL);
    try (Tape tape = new Tape()) {
      LossSum trained = llama.model().trainStep(MicroBatch.of(IDS, TARGETS, SEQUENCES), tape);
      LossSum evaluated = llama.model().evaluate(MicroBatch.of(IDS, TARGETS, SEQUENCES));
      assertThat(evaluated).isEqualTo(trained);
      assertThat(trained.terms()).isEqualTo(5);
      assertThat(trained.mean()).isEqualTo(trained.sum() / 5);
    }
  }

  /** A batch gives the sum of what its sequences give, for the loss and for every gradient. */
  @ParameterizedTest
  @EnumSource
  void aBatchIsTheSumOfItsSequences(Method method) {
    RandomLlama llama =
        method == Method.FULL ? RandomLlama.full(CONFIG, DType.FP32) : adapted(method);
    double together = step(llama, 0, 8, SEQUENCES);
    List<Tensor> expected = llama.trained().stream().map(p -> p.gradient().clone()).toList();
    llama.trained().forEach(parameter -> parameter.gradient().zero_());
    double apart = step(llama, 0, 5, new Sequences(0, 5)) + step(llama, 5, 8, new Sequences(0, 3));

    assertThat(together).isCloseTo(apart, within(1e-5));
    for (int i = 0; i < expected.size(); i++) {
      Parameter parameter = llama.trained().get(i);
      assertCloseToLargest(parameter.name(), parameter.gradient(), expected.get(i), 1e-5);
    }
  }

  private static double step(RandomLlama llama, int from, int to, Sequences sequences) {
    try (Tape tape = new Tape()) {
      int[] ids = Arrays.copyOfRange(IDS, from, to);
      int[] targets = Arrays.copyOfRange(TARGETS, from, to);
      return llama.model().trainStep(MicroBatch.of(ids, targets, sequences), tape).sum();
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void cachedLogitsAreThoseOfTheWholePrefix(LlamaConfig config) {
    CausalModel model = RandomLlama.full(config, DType.FP32).model();
    Tensor whole = model.logits(IDS, new Sequences(0, IDS.length));
    try (KeyValueCache cache = model.newCache()) {
      Tensor afterThree = model.nextLogits(Arrays.copyOf(IDS, 3), cache);
      assertCloseToLargest("after 3", afterThree, whole.select(0, 2), 1e-5);
      for (int i = 3; i < IDS.length; i++) {
        Tensor next = model.nextLogits(new int[] {IDS[i]}, cache);
        assertCloseToLargest("after " + (i + 1), next, whole.select(0, i), 1e-5);
      }
      assertThat(cache.tokens()).isEqualTo(IDS.length);
    }
  }

  /** One sequence begins while the other goes on, then both advance by one token. */
  @Test
  void cachedSequencesAdvanceTogether() {
    CausalModel model = RandomLlama.full(CONFIG, DType.FP32).model();
    Tensor whole = model.logits(IDS, new Sequences(0, IDS.length));
    try (KeyValueCache first = model.newCache();
        KeyValueCache second = model.newCache()) {
      model.nextLogits(Arrays.copyOf(IDS, 4), first);
      int[] joined = {IDS[4], IDS[0], IDS[1]};
      Tensor begun = model.nextLogits(joined, new Sequences(0, 1, 3), List.of(first, second));
      assertCloseToLargest("first", begun.select(0, 0), whole.select(0, 4), 1e-5);
      assertCloseToLargest("second", begun.select(0, 1), whole.select(0, 1), 1e-5);
      int[] next = {IDS[5], IDS[2]};
      Tensor both = model.nextLogits(next, new Sequences(0, 1, 2), List.of(first, second));
      assertCloseToLargest("first", both.select(0, 0), whole.select(0, 5), 1e-5);
      assertCloseToLargest("second", both.select(0, 1), whole.select(0, 2), 1e-5);
    }
  }

  @Test
  void sequencesOfABatchDoNotSeeEachOther() {
    CausalModel model = RandomLlama.full(CONFIG, DType.FP32).model();
    Tensor both = model.logits(IDS, SEQUENCES);
    Tensor second = model.logits(Arrays.copyOfRange(IDS, 5, 8), new Sequences(0, 3));
    assertCloseToLargest("second sequence", both.narrow(0, 5, 3), second, 1e-5);
  }

  static Stream<Arguments> methodsOfVariants() {
    return variants().stream()
        .flatMap(config -> Stream.of(Method.values()).map(method -> Arguments.of(method, config)));
  }

  /** The gradient along itself is the slope of the loss: checks the whole chain at once. */
  @ParameterizedTest
  @MethodSource("methodsOfVariants")
  void gradientIsTheSlopeOfTheLoss(Method method, LlamaConfig config) {
    RandomLlama llama =
        method == Method.FULL
            ? RandomLlama.full(config, DType.FP32)
            : RandomLlama.adapted(config, DType.FP32, method, ALL);
    llama.trained().stream()
        .filter(parameter -> parameter.name().endsWith(".lora_B.weight"))
        .forEach(parameter -> parameter.value().copy_(torch.randn(parameter.value().shape())));
    step(llama, 0, 8, SEQUENCES);
    double squaredNorm =
        llama.trained().stream().mapToDouble(p -> p.gradient().square().sum().item_double()).sum();
    double length = 3e-3 / Math.sqrt(squaredNorm);
    double slope = (lossAt(llama, length) - lossAt(llama, -2 * length)) / (2 * length);
    assertThat(slope).isCloseTo(squaredNorm, within(0.01 * squaredNorm));
  }

  private static double lossAt(RandomLlama llama, double along) {
    for (Parameter parameter : llama.trained()) {
      parameter.value().add_(parameter.gradient(), Scalars.of(along));
    }
    return llama.model().evaluate(MicroBatch.of(IDS, TARGETS, SEQUENCES)).sum();
  }

  @Test
  void variantsHaveTheNamesOfHuggingFace() {
    assertThat(names(variants().get(1)))
        .contains(
            "model.layers.0.self_attn.q_proj.bias",
            "model.layers.1.self_attn.o_proj.bias",
            "model.layers.1.self_attn.q_norm.weight",
            "model.layers.0.self_attn.k_norm.weight",
            "model.layers.1.mlp.down_proj.bias");
    assertThat(names(variants().get(2)))
        .contains(
            "model.layers.1.self_attn.qkv_proj.weight",
            "model.layers.1.self_attn.qkv_proj.bias",
            "model.layers.1.mlp.gate_up_proj.weight")
        .doesNotContain("model.layers.1.self_attn.o_proj.bias");
    assertThat(names(CONFIG)).noneMatch(name -> name.endsWith(".bias"));
  }

  private static List<String> names(LlamaConfig config) {
    return RandomLlama.full(config, DType.FP32).model().parameters().stream()
        .map(Parameter::name)
        .toList();
  }

  @Test
  void aTiedHeadIsTheEmbeddingAndTakesBothGradients() {
    LlamaConfig tied = new LlamaConfig(23, 16, 20, 1, 4, 2, 6, 1e-5, 1e4, true, 64);
    CausalModel model = RandomLlama.full(tied, DType.FP32).model();
    assertThat(model.parameters())
        .extracting(Parameter::name)
        .contains("model.embed_tokens.weight")
        .doesNotContain("lm_head.weight");
  }

  private static RandomLlama adapted(Method method) {
    return RandomLlama.adapted(CONFIG, DType.FP32, method, ALL);
  }
}
