package io.github.sparklorafa.lora;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(InScope.class)
class GramCorrectionTest {
  private static final double SCALE = 0.5;

  /** {@code g′ = (1/s²) · gB (A Aᵀ)⁻¹}, so {@code g′ A Aᵀ s² = gB} and s g′ A is the projection. */
  @ParameterizedTest
  @EnumSource
  void agreesWithTheFormula(DType dtype) {
    Tensor a = Tensors.random(dtype, 4, 30);
    LoraModule module = module(a);
    Tensor gradient = module.b().gradient().clone();
    try (GramCorrection correction = new GramCorrection(List.of(module))) {
      correction.apply();
    }
    Tensor exact = a.to(ScalarType.Double);
    Tensor back =
        module
            .b()
            .gradient()
            .to(ScalarType.Double)
            .mm(exact.mm(exact.t()))
            .mul(Scalars.of(SCALE * SCALE));
    assertCloseToLargest("g′ A Aᵀ s²", back, gradient, 1e-5);
  }

  /** The paper's second version: s·g′A is the full weight's gradient projected on A's rows. */
  @Test
  void stepsWhereTheProjectedFullGradientPoints() {
    Tensor a = Tensors.random(DType.FP32, 3, 8);
    Tensor dW = Tensors.random(DType.FP32, 5, 8);
    LoraModule module = module(a);
    module.b().gradient().copy_(dW.mm(a.t()).mul(Scalars.of(SCALE)));
    try (GramCorrection correction = new GramCorrection(List.of(module))) {
      correction.apply();
    }
    Tensor projection = dW.mm(torch.linalg_pinv(a)).mm(a);
    Tensor step = module.b().gradient().mm(a).mul(Scalars.of(SCALE));
    assertCloseToLargest("s g′ A", step, projection, 1e-4);
  }

  @Test
  void noneChangesNothing() {
    LoraModule module = module(Tensors.random(DType.FP32, 3, 8));
    Tensor before = module.b().gradient().clone();
    try (GramCorrection correction = GramCorrection.none()) {
      correction.apply();
    }
    assertBitEqual("dB", module.b().gradient(), before);
  }

  private static LoraModule module(Tensor a) {
    Parameter b = Tensors.trained(Tensors.random(DType.FP32, 5, a.size(0)));
    b.gradient().copy_(Tensors.random(DType.FP32, 5, a.size(0)));
    return new LoraModule("q_proj", Tensors.frozen(a), b, SCALE);
  }
}
