package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(InScope.class)
class TanhTest {
  @ParameterizedTest
  @EnumSource
  void agreesWithAutograd(DType dtype) {
    Tensor x = Tensors.random(dtype, 6, 5);
    Tensor dy = Tensors.random(dtype, 6, 5);
    Autograd oracle = Autograd.of(in -> in.get(0).tanh(), dy, x);
    Tanh tanh = new Tanh();
    assertThat(tanh.plan(GradientFlow.FLOWS)).isEqualTo(GradientFlow.FLOWS);
    try (Tape tape = new Tape()) {
      double tolerance = Tensors.tolerance(dtype);
      assertCloseToLargest("y", tanh.forward(x, tape), oracle.output(), tolerance);
      assertThat(tape.bytes()).isEqualTo(6 * 5 * dtype.bytes());
      assertCloseToLargest("dx", tanh.backward(dy, tape), oracle.gradient(0), tolerance);
      assertThat(tape.isEmpty()).isTrue();
    }
  }

  @Test
  void keepsNothingBelowTheLowestTrainedLayer() {
    Tanh tanh = new Tanh();
    tanh.plan(GradientFlow.STOPS);
    try (Tape tape = new Tape()) {
      tanh.forward(Tensors.random(DType.FP32, 2, 3), tape);
      assertThat(tape.isEmpty()).isTrue();
      assertThat(tanh.backward(Tensors.random(DType.FP32, 2, 3), tape)).isNull();
    }
  }
}
