package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(InScope.class)
class EmbeddingTest {
  private static final long[] IDS = {4, 0, 4, 4, 2, 0};

  @ParameterizedTest
  @EnumSource
  void agreesWithAutogradOnIdsThatRecur(DType dtype) {
    Parameter weight = Tensors.trained(Tensors.random(dtype, 6, 3));
    Tensor ids = Tensor.create(IDS);
    Tensor dy = Tensors.random(dtype, IDS.length, 3);
    Autograd oracle = Autograd.of(in -> torch.embedding(in.get(0), ids), dy, weight.value());
    Embedding embedding = new Embedding(weight);

    assertThat(embedding.plan()).isEqualTo(GradientFlow.FLOWS);
    assertCloseToLargest("rows", embedding.forward(ids), oracle.output(), 0);
    embedding.backward(ids, dy);
    // The gradient is summed in fp32 whatever the dtype, so nothing is rounded.
    assertCloseToLargest("dW", weight.gradient(), oracle.gradient(0), 1e-6);
  }

  @Test
  void frozenOneEndsTheBackwardPass() {
    Parameter weight = Tensors.frozen(Tensors.random(DType.FP32, 6, 3));
    Tensor before = weight.value().clone();
    Embedding embedding = new Embedding(weight);
    assertThat(embedding.plan()).isEqualTo(GradientFlow.STOPS);
    embedding.backward(Tensor.create(IDS), Tensors.random(DType.FP32, IDS.length, 3));
    assertBitEqual("weight", weight.value(), before);
  }
}
