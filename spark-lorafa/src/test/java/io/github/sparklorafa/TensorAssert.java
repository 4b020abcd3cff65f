package io.github.sparklorafa;

import static org.assertj.core.api.Assertions.fail;

import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Compares tensors and prints numbers, not only that they differ. */
public final class TensorAssert {
  private static final int SHOWN = 6;

  private TensorAssert() {}

  /** Every number within {@code tolerance} of the one expected. */
  public static void assertClose(String name, Tensor actual, Tensor expected, double tolerance) {
    assertDifference(name, actual, expected, tolerance, "");
  }

  /** Every number within {@code fraction} of the largest one expected. */
  public static void assertCloseToLargest(
      String name, Tensor actual, Tensor expected, double fraction) {
    try (Scope scope = new Scope()) {
      double largest = expected.to(ScalarType.Double).abs().max().item_double();
      assertDifference(
          name, actual, expected, fraction * largest, " (largest entry " + largest + ")");
    }
  }

  /** Equal to the last bit. */
  public static void assertBitEqual(String name, Tensor actual, Tensor expected) {
    if (!actual.equal(expected)) {
      assertDifference(name, actual, expected, 0, "");
    }
  }

  private static void assertDifference(
      String name, Tensor actual, Tensor expected, double tolerance, String note) {
    try (Scope scope = new Scope()) {
      if (!java.util.Arrays.equals(actual.shape(), expected.shape())) {
        fail(
            "%s: shape %s, expected %s",
            name,
            java.util.Arrays.toString(actual.shape()),
            java.util.Arrays.toString(expected.shape()));
      }
      Tensor left = actual.to(ScalarType.Double).flatten();
      Tensor right = expected.to(ScalarType.Double).flatten();
      Tensor difference = left.sub(right).abs();
      double worst = difference.max().item_double();
      if (!(worst <= tolerance)) {
        long at = difference.argmax().item_long();
        StringBuilder numbers = new StringBuilder();
        for (long i = Math.max(0, at - 2); i < Math.min(left.numel(), at - 2 + SHOWN); i++) {
          numbers.append(
              "%n  [%d] %.9g, expected %.9g"
                  .formatted(i, left.select(0, i).item_double(), right.select(0, i).item_double()));
        }
        fail("%s: differs by %.3g, tolerance %.3g%s%s", name, worst, tolerance, note, numbers);
      }
    }
  }
}
