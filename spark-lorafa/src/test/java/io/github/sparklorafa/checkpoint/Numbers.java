package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Tensors from Java numbers and back. */
final class Numbers {
  private Numbers() {}

  /** The numbers 0, 1, 2, … divided by 4 (exact in each dtype for the sizes used here), in fp32. */
  static Tensor counting(long... shape) {
    return counting(0, shape);
  }

  static Tensor counting(float first, long... shape) {
    Natives.ensureLoaded();
    long count = 1;
    for (long dimension : shape) {
      count *= dimension;
    }
    float[] numbers = new float[(int) count];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = first + i / 4f;
    }
    return AbstractTensor.create(numbers, shape);
  }

  static Tensor counting(DType dtype, long... shape) {
    try (Scope scope = new Scope()) {
      return scope.keep(counting(shape).to(dtype.scalarType()));
    }
  }

  static float[] of(Tensor tensor) {
    try (Scope scope = new Scope()) {
      Tensor floats = tensor.to(ScalarType.Float).contiguous();
      float[] numbers = new float[(int) floats.numel()];
      floats.data_ptr_float().get(numbers);
      return numbers;
    }
  }

  static long[] shape(Tensor tensor) {
    long[] shape = new long[(int) tensor.dim()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = tensor.size(i);
    }
    return shape;
  }
}
