package io.github.sparklorafa.tensor;

import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element type of weights and activations. */
public enum DType {
  FP32(ScalarType.Float, 4),
  BF16(ScalarType.BFloat16, 2);

  private final ScalarType scalarType;
  private final int bytes;

  DType(ScalarType scalarType, int bytes) {
    this.scalarType = scalarType;
    this.bytes = bytes;
  }

  /** libtorch's name of this type. */
  public ScalarType scalarType() {
    return scalarType;
  }

  /** Bytes of one number. */
  public int bytes() {
    return bytes;
  }

  /** The name on the command line, {@code fp32} or {@code bf16}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Options for a new tensor of this type; the caller's scope owns them. */
  public TensorOptions options() {
    return new TensorOptions(scalarType);
  }

  /**
   * The type of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static DType parse(String text) {
    return Arrays.stream(values())
        .filter(dtype -> dtype.text().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException("Cannot use dtype: " + text + " (use fp32 or bf16)"));
  }
}
