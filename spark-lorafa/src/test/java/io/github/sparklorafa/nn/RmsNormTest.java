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
class RmsNormTest {
  private static final double EPSILON = 1e-3;

  private record Case(
      DType dtype, long tokens, long features, boolean trained, GradientFlow input) {}

  /** 300 tokens of 512 features are more than one block of rows. */
  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (DType dtype : DType.values()) {
      for (GradientFlow input : GradientFlow.values()) {
        cases.add(new Case(dtype, 5, 7, true, input));
        cases.add(new Case(dtype, 5, 7, false, input));
        cases.add(new Case(dtype, 1, 1, true, input));
        cases.add(new Case(dtype, 300, 512, true, input));
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithAutograd(Case the) {
    double tolerance = Tensors.tolerance(the.dtype());
    Tensor x = Tensors.random(the.dtype(), the.tokens(), the.features());
    Tensor dy = Tensors.random(the.dtype(), the.tokens(), the.features());
    Tensor w = Tensors.random(the.dtype(), the.features());
    Parameter weight = the.trained() ? Tensors.trained(w) : Tensors.frozen(w);
    Autograd oracle = Autograd.of(in -> formula(in.get(0), in.get(1)), dy, x, w);
    RmsNorm norm = new RmsNorm(weight, EPSILON);
    boolean owed = the.trained() || the.input().flows();
    assertThat(norm.plan(the.input()).flows()).isEqualTo(owed);

    try (Tape tape = new Tape()) {
      assertCloseToLargest("y", norm.forward(x, tape), oracle.output(), tolerance);
      assertThat(tape.bytes())
          .isEqualTo(
              owed ? the.tokens() * (the.features() * the.dtype().bytes() + Float.BYTES) : 0);
      Tensor dx = norm.backward(dy, tape, null);
      if (the.input().flows()) {
        assertCloseToLargest("dx", dx, oracle.gradient(0), tolerance);
      } else {
        assertThat(dx).isNull();
      }
      assertThat(tape.isEmpty()).isTrue();
    }
    if (the.trained()) {
      assertCloseToLargest("dw", weight.gradient(), oracle.gradient(1), tolerance);
    }
  }

  @Test
  void addsToTheGradientOfTheResidualStreamInPlace() {
    Tensor x = Tensors.random(DType.FP32, 4, 6);
    Tensor dy = Tensors.random(DType.FP32, 4, 6);
    Tensor residual = Tensors.random(DType.FP32, 4, 6);
    Tensor w = Tensors.random(DType.FP32, 6);
    Autograd oracle = Autograd.of(in -> formula(in.get(0), w).add(in.get(0)), dy, x);
    Tensor expected = oracle.gradient(0).sub(dy).add(residual);
    RmsNorm norm = new RmsNorm(Tensors.frozen(w), EPSILON);
    norm.plan(GradientFlow.FLOWS);
    try (Tape tape = new Tape()) {
      norm.forward(x, tape);
      assertThat(norm.backward(dy, tape, residual)).isSameAs(residual);
    }
    assertCloseToLargest("dx", residual, expected, 1e-5);
  }

  private static Tensor formula(Tensor x, Tensor w) {
    Tensor mean = torch.mean(x.square(), new long[] {1}, true, new ScalarTypeOptional());
    return x.mul(mean.add(Scalars.of(EPSILON)).rsqrt()).mul(w);
  }
}
