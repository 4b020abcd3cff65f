package io.github.sparklorafa.tensor;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Whether libtorch works on this machine. */
public final class NativesCheck {
  private static final long SIZE = 64;

  private NativesCheck() {}

  /**
   * Loads libtorch and multiplies two small matrices.
   *
   * @return what was loaded
   * @throws IllegalStateException if it does not load or miscalculates
   */
  public static String run(int threads) {
    Natives.load(threads);
    calculate();
    return "loads and calculates, threads: %d".formatted(torch.get_num_threads());
  }

  /**
   * The same before it is known how many threads there will be: whoever says so, before or after,
   * is heard.
   *
   * @throws IllegalStateException if it does not load or miscalculates
   */
  public static void early() {
    Natives.ensureLoaded();
    calculate();
  }

  private static void calculate() {
    try (Scope scope = new Scope()) {
      Tensor ones = torch.ones(new long[] {SIZE, SIZE});
      double sum = ones.mm(ones).sum().item_float();
      if (sum != SIZE * SIZE * SIZE) {
        throw new IllegalStateException(
            "Cannot use libtorch: a product of matrices gave %s instead of %d (see that no other library replaces its BLAS)"
                .formatted(sum, SIZE * SIZE * SIZE));
      }
    }
  }
}
