package io.github.sparklorafa.tensor;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the frozen weights of linear layers are held. */
public enum BaseDType {
  FP32,
  BF16,
  /** Whole numbers from -127 to 127 and one fp32 scale for each row. */
  INT8,
  /** The 16 levels of NormalFloat in blocks of 64, with doubly quantised scales. */
  NF4;

  /** Weights in the numbers that are computed with. */
  public static BaseDType of(DType dtype) {
    return dtype == DType.FP32 ? FP32 : BF16;
  }

  /** The name on the command line: {@code fp32}, {@code bf16}, {@code int8}, {@code nf4}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Bytes of a matrix {@code [rows, columns]}. */
  public long bytes(long rows, long columns) {
    return switch (this) {
      case FP32 -> rows * columns * DType.FP32.bytes();
      case BF16 -> rows * columns * DType.BF16.bytes();
      case INT8 -> Int8Matrix.bytes(rows, columns);
      case NF4 -> Nf4Matrix.bytes(rows * columns);
    };
  }

  /**
   * The one of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static BaseDType parse(String text) {
    return Arrays.stream(values())
        .filter(dtype -> dtype.text().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Cannot use base dtype: " + text + " (use " + names() + ")"));
  }

  private static String names() {
    return Arrays.stream(values()).map(BaseDType::text).collect(Collectors.joining(", "));
  }
}
