package io.github.sparklorafa.tensor;

import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(InScope.class)
class OperatorsTest {
  @ParameterizedTest
  @EnumSource
  void softmaxBackwardAgreesWithAutograd(DType dtype) {
    Tensor scores = Tensors.random(dtype, 2, 3, 9);
    Tensor dp = Tensors.random(dtype, 2, 3, 9);
    Autograd oracle = Autograd.of(in -> torch.softmax(in.get(0), -1), dp, scores);
    Tensor gradient = dp.clone();
    Operators.softmaxBackward(gradient, torch.softmax(scores, -1));
    assertCloseToLargest("dS", gradient, oracle.gradient(0), Tensors.tolerance(dtype));
  }
}
