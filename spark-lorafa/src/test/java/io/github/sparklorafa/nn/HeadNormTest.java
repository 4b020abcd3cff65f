package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(InScope.class)
class HeadNormTest {
  private static final double EPSILON = 1e-5;

  /** 200 tokens of 6 heads of 64 numbers are more than one block of rows. */
  @ParameterizedTest
  @CsvSource({"FP32, 1, 1, 4", "FP32, 7, 3, 10", "FP32, 200, 6, 64", "BF16, 200, 6, 64"})
  void agreesWithAutograd(DType dtype, int tokens, int heads, int headDim) {
    double tolerance = 2 * Tensors.tolerance(dtype);
    Tensor x = Tensors.random(dtype, tokens, (long) heads * headDim);
    Tensor dy = Tensors.random(dtype, tokens, (long) heads * headDim);
    Parameter weight = Tensors.trained(Tensors.random(dtype, headDim));
    Autograd oracle = Autograd.of(in -> formula(in, headDim), dy, x, weight.value());
    HeadNorm norm = new HeadNorm(weight, EPSILON, headDim);
    assertThat(norm.plan(GradientFlow.FLOWS)).isEqualTo(GradientFlow.FLOWS);

    try (Tape tape = new Tape()) {
      assertCloseToLargest("y", norm.forward(x, tape), oracle.output(), tolerance);
      assertThat(tape.bytes()).isEqualTo(x.nbytes() + (long) tokens * heads * Float.BYTES);
      assertCloseToLargest("dx", norm.backward(dy, tape), oracle.gradient(0), tolerance);
      assertCloseToLargest("dw", weight.gradient(), oracle.gradient(1), tolerance);
      assertThat(tape.isEmpty()).isTrue();
    }
  }

  @Test
  void keepsNothingBelowTheLowestTrainedLayer() {
    HeadNorm norm = new HeadNorm(Tensors.frozen(Tensors.random(DType.FP32, 4)), EPSILON, 4);
    assertThat(norm.plan(GradientFlow.STOPS)).isEqualTo(GradientFlow.STOPS);
    try (Tape tape = new Tape()) {
      norm.forward(Tensors.random(DType.FP32, 3, 8), tape);
      assertThat(tape.isEmpty()).isTrue();
      assertThat(norm.backward(Tensors.random(DType.FP32, 3, 8), tape)).isNull();
    }
  }

  private static Tensor formula(List<Tensor> in, int headDim) {
    Tensor heads = in.get(0).view(-1, headDim);
    Tensor mean = heads.square().sum(new long[] {1}, true, null).div(Scalars.of(headDim));
    return heads
        .mul(mean.add(Scalars.of(EPSILON)).rsqrt())
        .mul(in.get(1))
        .view(in.get(0).size(0), in.get(0).size(1));
  }
}
