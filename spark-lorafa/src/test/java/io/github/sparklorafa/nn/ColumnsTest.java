package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class ColumnsTest {
  @Test
  void splitsAndJoinsWithoutACopy() {
    Tensor joined = Tensors.random(DType.FP32, 5, 9);
    Tensor[] parts = Columns.split(joined, 2, 3, 4);
    assertThat(parts).hasSize(3);
    assertBitEqual("first", parts[0], joined.narrow(1, 0, 2));
    assertBitEqual("last", parts[2], joined.narrow(1, 5, 4));

    Tensor again = Columns.joined(parts[0], 9);
    assertBitEqual("joined", again, joined);
    assertThat(again.data_ptr().address()).isEqualTo(joined.data_ptr().address());
  }
}
