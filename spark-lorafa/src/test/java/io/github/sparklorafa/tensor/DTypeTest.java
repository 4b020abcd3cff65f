package io.github.sparklorafa.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.InScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(InScope.class)
class DTypeTest {
  @ParameterizedTest
  @EnumSource
  void isWhatLibtorchMakesOfIt(DType dtype) {
    Tensor tensor = torch.zeros(new long[] {3}, dtype.options());
    assertThat(tensor.scalar_type().intern()).isEqualTo(dtype.scalarType());
    assertThat(tensor.element_size()).isEqualTo(dtype.bytes());
    assertThat(DType.parse(dtype.text())).isEqualTo(dtype);
  }

  @Test
  void unknownNamesAreRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> DType.parse("fp16"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot use dtype: fp16 (use fp32 or bf16)");
  }
}
