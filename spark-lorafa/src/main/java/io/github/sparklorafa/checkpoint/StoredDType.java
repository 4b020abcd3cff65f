package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.tensor.DType;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The number formats that a safetensors file may name.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>, enum {@code Dtype}
 */
enum StoredDType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private final int bits;

  StoredDType(int bits) {
    this.bits = bits;
  }

  static Optional<StoredDType> of(String name) {
    for (StoredDType dtype : values()) {
      if (dtype.name().equals(name)) {
        return Optional.of(dtype);
      }
    }
    return Optional.empty();
  }

  /** What a number of that type is stored as. */
  static StoredDType of(DType dtype) {
    return switch (dtype) {
      case FP32 -> F32;
      case BF16 -> BF16;
    };
  }

  int bits() {
    return bits;
  }

  /**
   * libtorch's name of this type.
   *
   * @throws IllegalArgumentException if weights are not read in it
   */
  ScalarType scalarType() {
    return switch (this) {
      case F32 -> ScalarType.Float;
      case BF16 -> ScalarType.BFloat16;
      case F16 -> ScalarType.Half;
      default ->
          throw new IllegalArgumentException(
              "Cannot use dtype: " + this + " (convert it to F32, BF16 or F16)");
    };
  }

  /** Bytes that an element's position must be a multiple of. */
  int alignment() {
    return Math.max(1, bits / 8);
  }
}
