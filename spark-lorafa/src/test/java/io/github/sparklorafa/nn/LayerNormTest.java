package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(InScope.class)
class LayerNormTest {
  private static final double EPSILON = 1e-3;

  private record Case(
      DType dtype,
      long tokens,
      long features,
      boolean weightTrained,
      boolean biasTrained,
      GradientFlow input) {
    boolean needsInput() {
      return weightTrained || input.flows();
    }
  }

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (DType dtype : DType.values()) {
      for (GradientFlow input : GradientFlow.values()) {
        cases.add(new Case(dtype, 5, 7, true, true, input));
        cases.add(new Case(dtype, 5, 7, false, false, input));
        cases.add(new Case(dtype, 5, 7, true, false, input));
        cases.add(new Case(dtype, 5, 7, false, true, input));
        cases.add(new Case(dtype, 300, 512, true, true, input));
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithAutograd(Case the) {
    double tolerance = Tensors.tolerance(the.dtype());
    Tensor x = Tensors.random(the.dtype(), the.tokens(), the.features()).add_(Scalars.of(3));
    Tensor dy = Tensors.random(the.dtype(), the.tokens(), the.features());
    Tensor w = Tensors.random(the.dtype(), the.features());
    Tensor b = Tensors.random(the.dtype(), the.features());
    Parameter weight = the.weightTrained() ? Tensors.trained(w) : Tensors.frozen(w);
    Parameter bias = the.biasTrained() ? Tensors.trained(b) : Tensors.frozen(b);
    Autograd oracle = Autograd.of(in -> formula(in.get(0), in.get(1), in.get(2)), dy, x, w, b);
    LayerNorm norm = new LayerNorm(weight, bias, EPSILON);
    assertThat(norm.plan(the.input()).flows()).isEqualTo(the.needsInput() || the.biasTrained());

    try (Tape tape = new Tape()) {
      assertCloseToLargest("y", norm.forward(x, tape), oracle.output(), tolerance);
      long row = the.features() * the.dtype().bytes() + 2 * Float.BYTES;
      assertThat(tape.bytes()).isEqualTo(the.needsInput() ? the.tokens() * row : 0);
      Tensor dx = norm.backward(dy, tape);
      if (the.input().flows()) {
        assertCloseToLargest("dx", dx, oracle.gradient(0), tolerance);
      } else {
        assertThat(dx).isNull();
      }
      assertThat(tape.isEmpty()).isTrue();
    }
    if (the.weightTrained()) {
      assertCloseToLargest("dw", weight.gradient(), oracle.gradient(1), tolerance);
    }
    if (the.biasTrained()) {
      assertCloseToLargest("db", bias.gradient(), oracle.gradient(2), tolerance);
    }
  }

  /** Statistics of bf16 rows are kept in fp32: a mean far from 0 is not rounded to 8 bits. */
  @Test
  void statisticsAreInFullPrecision() {
    Tensor x = Tensors.random(DType.FP32, 40, 768).add_(Scalars.of(100));
    Tensor rounded = x.to(DType.BF16.scalarType());
    LayerNorm norm =
        new LayerNorm(
            Tensors.frozen(torch.ones(768).to(DType.BF16.scalarType())),
            Tensors.frozen(torch.zeros(768).to(DType.BF16.scalarType())),
            EPSILON);
    Tensor exact = formula(rounded.to(torch.ScalarType.Double), torch.ones(768), torch.zeros(768));
    assertCloseToLargest("y", norm.forward(rounded, Tape.discarding()), exact, 5e-3);
  }

  private static Tensor formula(Tensor x, Tensor w, Tensor b) {
    Tensor centred = x.sub(torch.mean(x, new long[] {1}, true, new ScalarTypeOptional()));
    Tensor variance = torch.mean(centred.square(), new long[] {1}, true, new ScalarTypeOptional());
    return centred.mul(variance.add(Scalars.of(EPSILON)).rsqrt()).mul(w).add(b);
  }
}
