package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static io.github.sparklorafa.TensorAssert.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class ParametersTest {
  private final ParameterSource none =
      new ParameterSource() {
        @Override
        public boolean has(String name) {
          return false;
        }

        @Override
        public Tensor load(String name, long... shape) {
          throw new IllegalArgumentException("Cannot load tensor: " + name);
        }
      };

  @Test
  void makesEachParameterOnceAndInOrder() {
    Tensor value = Tensors.random(DType.FP32, 2);
    ParameterSource source = ParameterSource.overlay(none, Map.of("a", value, "b", value));
    Parameters parameters = new Parameters(source, "b"::equals);
    Parameter b = parameters.parameter("b", 2);
    Parameter a = parameters.parameter("a", 2);
    assertThat(parameters.parameter("b", 2)).isSameAs(b);
    assertThat(parameters.all()).containsExactly(b, a);
    assertThat(b.trainable()).isTrue();
    assertThat(a.trainable()).isFalse();
  }

  @Test
  void aTiedHeadComesFromTheEmbeddingUnlessItIsStored() {
    Tensor embedding = Tensors.random(DType.FP32, 2);
    Tensor head = Tensors.random(DType.FP32, 2);
    Map<String, Tensor> untied = Map.of("embedding", embedding, "head", head);
    Parameters alone =
        new Parameters(
            ParameterSource.overlay(none, Map.of("embedding", embedding)), name -> false);
    Parameters both = new Parameters(ParameterSource.overlay(none, untied), name -> false);
    assertBitEqual("alone", alone.copyOf("embedding", "head", 2).value(), embedding);
    assertBitEqual("both", both.copyOf("embedding", "head", 2).value(), head);
    assertThatThrownBy(() -> alone.parameter("norm", 2)).hasMessageContaining("norm");
  }

  @Test
  void addsGradientsInFp32() {
    Parameter parameter = Tensors.trained(Tensors.random(DType.BF16, 3));
    Tensor part = Tensors.random(DType.BF16, 3);
    parameter.addGradient(part, 0.25);
    parameter.addGradient(part, 0.5);
    assertThat(parameter.gradient().scalar_type().intern()).isEqualTo(ScalarType.Float);
    Tensor expected = part.to(ScalarType.Double).mul(Scalars.of(0.75));
    assertClose("gradient", parameter.gradient(), expected, 1e-6);
  }

  @Test
  void anUnboundGradientIsNamed() {
    Parameter parameter = new Parameter("norm.weight", Tensors.random(DType.FP32, 3), true);
    assertThatThrownBy(parameter::gradient)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("norm.weight");
  }
}
