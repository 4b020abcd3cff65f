package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(InScope.class)
class ReluTest {
  @ParameterizedTest
  @EnumSource
  void agreesWithAutograd(DType dtype) {
    Tensor x = Tensors.random(dtype, 7, 30);
    Tensor dy = Tensors.random(dtype, 7, 30);
    Autograd oracle = Autograd.of(in -> torch.relu(in.get(0)), dy, x);
    Relu relu = new Relu();
    assertThat(relu.plan(GradientFlow.FLOWS)).isEqualTo(GradientFlow.FLOWS);
    try (Tape tape = new Tape()) {
      assertBitEqual("y", relu.forward(x, tape).to(ScalarType.Double), oracle.output());
      assertThat(tape.bytes()).isEqualTo(x.nbytes());
      Tensor dx = relu.backward(dy, tape);
      assertBitEqual("dx", dx.to(ScalarType.Double), oracle.gradient(0));
      assertThat(tape.isEmpty()).isTrue();
    }
  }

  @Test
  void keepsNothingBelowTheLowestTrainedLayer() {
    Relu relu = new Relu();
    assertThat(relu.plan(GradientFlow.STOPS)).isEqualTo(GradientFlow.STOPS);
    try (Tape tape = new Tape()) {
      relu.forward(Tensors.random(DType.FP32, 2, 3), tape);
      assertThat(tape.isEmpty()).isTrue();
    }
  }
}
