package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.nn.GatedUnit.Activation;
import io.github.sparklorafa.tensor.DType;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(InScope.class)
class GatedUnitTest {
  /** 70 tokens of 1000 features are more than one block of rows. */
  @ParameterizedTest
  @CsvSource({
    "SILU, FP32, 1, 3, FLOWS, FLOWS",
    "SILU, FP32, 70, 1000, FLOWS, STOPS",
    "SILU, FP32, 4, 5, STOPS, FLOWS",
    "SILU, BF16, 70, 1000, FLOWS, FLOWS",
    "GELU_TANH, FP32, 70, 1000, FLOWS, FLOWS",
    "GELU_TANH, BF16, 70, 1000, FLOWS, FLOWS"
  })
  void agreesWithAutograd(
      Activation activation,
      DType dtype,
      long tokens,
      long features,
      GradientFlow gateFlow,
      GradientFlow upFlow) {
    double tolerance = Tensors.tolerance(dtype);
    Tensor gate = Tensors.random(dtype, tokens, features);
    Tensor up = Tensors.random(dtype, tokens, features);
    Tensor dy = Tensors.random(dtype, tokens, features);
    Autograd oracle =
        Autograd.of(in -> activated(activation, in.get(0)).mul(in.get(1)), dy, gate, up);
    GatedUnit unit = new GatedUnit(activation);
    assertThat(unit.plan(gateFlow, upFlow)).isEqualTo(GradientFlow.FLOWS);

    try (Tape tape = new Tape()) {
      assertCloseToLargest("y", unit.forward(gate, up, tape), oracle.output(), tolerance);
      assertThat(tape.bytes()).isEqualTo(2 * tokens * features * dtype.bytes());
      GatedUnit.Gradients gradients = unit.backward(dy, tape);
      assertCloseToLargest("dgate", gradients.gate(), oracle.gradient(0), tolerance);
      assertCloseToLargest("dup", gradients.up(), oracle.gradient(1), tolerance);
      assertThat(tape.isEmpty()).isTrue();
    }
  }

  private static Tensor activated(Activation activation, Tensor x) {
    return switch (activation) {
      case SILU -> torch.silu(x);
      case GELU_TANH -> torch.gelu(x, "tanh");
    };
  }

  @Test
  void keepsNothingBelowTheLowestTrainedLayer() {
    GatedUnit unit = new GatedUnit(Activation.SILU);
    assertThat(unit.plan(GradientFlow.STOPS, GradientFlow.STOPS)).isEqualTo(GradientFlow.STOPS);
    try (Tape tape = new Tape()) {
      unit.forward(Tensors.random(DType.FP32, 2, 3), Tensors.random(DType.FP32, 2, 3), tape);
      assertThat(tape.isEmpty()).isTrue();
    }
  }
}
