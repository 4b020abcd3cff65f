package io.github.sparklorafa;

import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Random tensors and parameters for tests. */
public final class Tensors {
  private Tensors() {}

  /** Normally distributed numbers, rounded to {@code dtype}. */
  public static Tensor random(DType dtype, long... shape) {
    return torch.randn(shape, new TensorOptions(ScalarType.Float)).to(dtype.scalarType());
  }

  /** A parameter that is only read. */
  public static Parameter frozen(Tensor value) {
    return new Parameter("frozen", value, false);
  }

  /** A parameter with an fp32 gradient of zeros. */
  public static Parameter trained(Tensor value) {
    Parameter parameter = new Parameter("trained", value, true);
    try (Scope scope = new Scope()) {
      parameter.bind(value, torch.zeros_like(value.to(ScalarType.Float)));
    }
    return parameter;
  }

  /** Gives a trainable parameter a value in the run's dtype and an fp32 gradient of zeros. */
  public static void bind(Parameter parameter, DType dtype) {
    try (Scope scope = new Scope()) {
      parameter.bind(
          parameter.value().to(dtype.scalarType()),
          torch.zeros_like(parameter.value().to(ScalarType.Float)));
    }
  }

  /**
   * How far a gradient in {@code dtype} may be from the exact one, as part of its largest entry.
   */
  public static double tolerance(DType dtype) {
    return dtype == DType.FP32 ? 1e-5 : 2e-2;
  }
}
