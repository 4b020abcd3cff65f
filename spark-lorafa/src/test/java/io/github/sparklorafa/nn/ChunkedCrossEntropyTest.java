package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(InScope.class)
class ChunkedCrossEntropyTest {
  private static final int VOCABULARY = 41;
  private static final int FEATURES = 12;
  private static final long REDUCTION_SUM = 2;

  private record Case(
      DType dtype, int tokens, int ignoredEvery, boolean headTrained, GradientFlow input) {}

  /** Token counts around the 16 rows of a softmax and the 128 of a chunk. */
  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int tokens : new int[] {1, 15, 17, 128, 129, 300}) {
      cases.add(new Case(DType.FP32, tokens, 0, true, GradientFlow.FLOWS));
    }
    cases.add(new Case(DType.FP32, 700, 3, true, GradientFlow.FLOWS));
    cases.add(new Case(DType.FP32, 300, 2, false, GradientFlow.FLOWS));
    cases.add(new Case(DType.FP32, 40, 2, true, GradientFlow.STOPS));
    cases.add(new Case(DType.FP32, 40, 2, false, GradientFlow.STOPS));
    cases.add(new Case(DType.BF16, 300, 3, true, GradientFlow.FLOWS));
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTorch(Case the) {
    double tolerance = Tensors.tolerance(the.dtype());
    Tensor x = Tensors.random(the.dtype(), the.tokens(), FEATURES);
    Tensor w = Tensors.random(the.dtype(), VOCABULARY, FEATURES);
    int[] targets =
        IntStream.range(0, the.tokens())
            .map(i -> ignored(i, the) ? ChunkedCrossEntropy.IGNORED : (i * 17) % VOCABULARY)
            .toArray();
    Autograd oracle =
        Autograd.of(in -> crossEntropy(in.get(0).mm(in.get(1).t()), targets), ones(), x, w);
    Parameter head = the.headTrained() ? Tensors.trained(w) : Tensors.frozen(w);
    ChunkedCrossEntropy loss = new ChunkedCrossEntropy(head);
    assertThat(loss.plan(the.input()).flows()).isEqualTo(the.headTrained() || the.input().flows());

    ChunkedCrossEntropy.Loss result = loss.forwardAndBackward(x, targets);
    double expected = oracle.output().item_double();
    assertThat(result.sum()).isCloseTo(expected, within(tolerance * expected));
    assertThat(result.terms())
        .isEqualTo(Arrays.stream(targets).filter(t -> t != ChunkedCrossEntropy.IGNORED).count());
    if (the.input().flows()) {
      assertCloseToLargest("dx", result.inputGradient(), oracle.gradient(0), tolerance);
    } else {
      assertThat(result.inputGradient()).isNull();
    }
    if (the.headTrained()) {
      assertCloseToLargest("dW", head.gradient(), oracle.gradient(1), tolerance);
    }
    ChunkedCrossEntropy.Loss evaluated = loss.evaluate(x, targets);
    assertThat(evaluated.sum()).isEqualTo(result.sum());
    assertThat(evaluated.terms()).isEqualTo(result.terms());
    assertThat(evaluated.inputGradient()).isNull();
    assertLossesAddUp(loss, x, targets, tolerance);
  }

  /** As a masked language model's. */
  @ParameterizedTest
  @EnumSource
  void aBiasIsAddedAndTrained(DType dtype) {
    Tensor x = Tensors.random(dtype, 150, FEATURES);
    Tensor w = Tensors.random(dtype, VOCABULARY, FEATURES);
    Tensor b = Tensors.random(dtype, VOCABULARY);
    int[] targets = IntStream.range(0, 150).map(i -> i % 5 == 0 ? -100 : i % 41).toArray();
    Autograd oracle =
        Autograd.of(
            in -> crossEntropy(in.get(0).mm(in.get(1).t()).add(in.get(2)), targets),
            ones(),
            x,
            w,
            b);
    Parameter head = Tensors.trained(w);
    Parameter bias = Tensors.trained(b);
    ChunkedCrossEntropy loss = new ChunkedCrossEntropy(head, bias);
    loss.plan(GradientFlow.FLOWS);
    ChunkedCrossEntropy.Loss result = loss.forwardAndBackward(x, targets);
    double tolerance = Tensors.tolerance(dtype);
    double expected = oracle.output().item_double();
    assertThat(result.sum()).isCloseTo(expected, within(tolerance * expected));
    assertCloseToLargest("dx", result.inputGradient(), oracle.gradient(0), tolerance);
    assertCloseToLargest("dW", head.gradient(), oracle.gradient(1), tolerance);
    assertCloseToLargest("db", bias.gradient(), oracle.gradient(2), tolerance);
    assertCloseToLargest("logits", loss.logits(x), x.mm(w.t()).add(b), tolerance);
    assertThat(new ChunkedCrossEntropy(Tensors.frozen(w), bias).plan(GradientFlow.STOPS))
        .isEqualTo(GradientFlow.FLOWS);
  }

  /** That of a token is what it costs alone. */
  private static void assertLossesAddUp(
      ChunkedCrossEntropy loss, Tensor x, int[] targets, double tolerance) {
    float[] each = loss.losses(x, targets);
    assertThat(each).hasSize(targets.length);
    double sum = 0;
    for (int i = 0; i < each.length; i++) {
      sum += each[i];
      if (targets[i] == ChunkedCrossEntropy.IGNORED) {
        assertThat(each[i]).isZero();
      } else if (i % 31 == 0) {
        double alone = loss.evaluate(x.narrow(0, i, 1), new int[] {targets[i]}).sum();
        assertThat((double) each[i]).isCloseTo(alone, within(tolerance * alone));
      }
    }
    double together = loss.evaluate(x, targets).sum();
    assertThat(sum).isCloseTo(together, within(1e-6 * together));
  }

  private static boolean ignored(int i, Case the) {
    return the.ignoredEvery() > 0 && i % the.ignoredEvery() == 0;
  }

  @Test
  void costsNothingWhereEverythingIsIgnored() {
    Parameter head = Tensors.trained(Tensors.random(DType.FP32, VOCABULARY, FEATURES));
    ChunkedCrossEntropy loss = new ChunkedCrossEntropy(head);
    loss.plan(GradientFlow.FLOWS);
    ChunkedCrossEntropy.Loss result =
        loss.forwardAndBackward(
            Tensors.random(DType.FP32, 3, FEATURES), new int[] {-100, -100, -100});
    assertThat(result.sum()).isZero();
    assertThat(result.terms()).isZero();
    assertThat(result.inputGradient().abs().sum().item_double()).isZero();
    assertThat(head.gradient().abs().sum().item_double()).isZero();
  }

  @Test
  void evaluationAddsNoGradient() {
    Parameter head = Tensors.trained(Tensors.random(DType.FP32, VOCABULARY, FEATURES));
    ChunkedCrossEntropy loss = new ChunkedCrossEntropy(head);
    loss.plan(GradientFlow.FLOWS);
    loss.evaluate(Tensors.random(DType.FP32, 2, FEATURES), new int[] {1, 2});
    assertThat(head.gradient().abs().sum().item_double()).isZero();
  }

  @Test
  void logitsFarBeyondTheRangeOfExpStayFinite() {
    Tensor w = Tensors.random(DType.FP32, VOCABULARY, FEATURES).mul_(Scalars.of(1e4));
    ChunkedCrossEntropy loss = new ChunkedCrossEntropy(Tensors.frozen(w));
    loss.plan(GradientFlow.FLOWS);
    ChunkedCrossEntropy.Loss result =
        loss.forwardAndBackward(Tensors.random(DType.FP32, 2, FEATURES), new int[] {1, 2});
    assertThat(result.sum()).isFinite();
    assertThat(result.inputGradient().isfinite().all().item_bool()).isTrue();
  }

  private static Tensor crossEntropy(Tensor logits, int[] targets) {
    Tensor target = Tensor.create(Arrays.stream(targets).asLongStream().toArray());
    return torch.cross_entropy_loss(
        logits,
        target,
        new TensorOptional(),
        REDUCTION_SUM,
        ChunkedCrossEntropy.IGNORED,
        /* label_smoothing= */ 0.0);
  }

  private static Tensor ones() {
    return torch.ones(new long[0]);
  }
}
