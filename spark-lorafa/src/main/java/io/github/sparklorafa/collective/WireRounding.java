package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Rounds numbers as a {@link WireDType} does, in place. */
final class WireRounding {
  private WireRounding() {}

  static void apply(NativeFloats floats, WireDType wire) {
    if (wire == WireDType.FP32 || floats.count() == 0) {
      return;
    }
    try (Scope scope = new Scope()) {
      Tensor numbers = NativeMemory.tensor(floats);
      numbers.copy_(numbers.to(ScalarType.BFloat16));
    }
  }
}
