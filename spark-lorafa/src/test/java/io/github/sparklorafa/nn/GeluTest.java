package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(InScope.class)
class GeluTest {
  @ParameterizedTest
  @CsvSource({
    "ERF, FP32, 1, 3",
    "ERF, FP32, 70, 1000",
    "ERF, BF16, 70, 1000",
    "TANH, FP32, 70, 1000",
    "TANH, BF16, 5, 7"
  })
  void agreesWithAutograd(Gelu.Form form, DType dtype, long tokens, long features) {
    double tolerance = Tensors.tolerance(dtype);
    Tensor x = Tensors.random(dtype, tokens, features);
    Tensor dy = Tensors.random(dtype, tokens, features);
    Autograd oracle = Autograd.of(in -> formula(in.get(0), form), dy, x);
    Gelu gelu = new Gelu(form);
    assertThat(gelu.plan(GradientFlow.FLOWS)).isEqualTo(GradientFlow.FLOWS);

    try (Tape tape = new Tape()) {
      assertCloseToLargest("y", gelu.forward(x, tape), oracle.output(), tolerance);
      assertThat(tape.bytes()).isEqualTo(tokens * features * dtype.bytes());
      assertCloseToLargest("dx", gelu.backward(dy, tape), oracle.gradient(0), tolerance);
      assertThat(tape.isEmpty()).isTrue();
    }
  }

  @Test
  void keepsNothingBelowTheLowestTrainedLayer() {
    Gelu gelu = new Gelu(Gelu.Form.ERF);
    assertThat(gelu.plan(GradientFlow.STOPS)).isEqualTo(GradientFlow.STOPS);
    try (Tape tape = new Tape()) {
      gelu.forward(Tensors.random(DType.FP32, 2, 3), tape);
      assertThat(tape.isEmpty()).isTrue();
      assertThat(gelu.backward(Tensors.random(DType.FP32, 2, 3), tape)).isNull();
    }
  }

  /** Hugging Face's {@code gelu} and {@code gelu_new}, written out. */
  private static Tensor formula(Tensor x, Gelu.Form form) {
    if (form == Gelu.Form.ERF) {
      return x.mul(Scalars.of(0.5)).mul(x.div(Scalars.of(Math.sqrt(2))).erf().add(Scalars.of(1)));
    }
    Tensor cubed = torch.pow(x, Scalars.of(3)).mul(Scalars.of(0.044715)).add(x);
    return x.mul(Scalars.of(0.5))
        .mul(cubed.mul(Scalars.of(Math.sqrt(2 / Math.PI))).tanh().add(Scalars.of(1)));
  }
}
