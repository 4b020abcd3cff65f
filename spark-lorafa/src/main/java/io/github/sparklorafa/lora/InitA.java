package io.github.sparklorafa.lora;

import io.github.sparklorafa.tensor.Scope;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How A gets its first values. They follow from the seed and the module's name alone, so all
 * workers make the same A.
 */
public enum InitA {
  /** Uniform in ±1/√in: {@code kaiming_uniform_(a=√5)}, as PEFT does it by default. */
  KAIMING,
  /** Normal with deviation 1/rank: PEFT's {@code gaussian}. */
  NORMAL,
  /** Rows of length 1 that are orthogonal to each other: {@code A Aᵀ = I}. */
  ORTHONORMAL;

  /** The name on the command line. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The initialisation of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static InitA parse(String text) {
    return Arrays.stream(values())
        .filter(init -> init.text().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Cannot initialise A: " + text + " (use kaiming, normal or orthonormal)"));
  }

  /**
   * A new {@code A [rank, in]} in fp32, owned by the caller's scope.
   *
   * @throws IllegalArgumentException if orthonormal rows are asked for and rank is greater than in
   */
  Tensor make(long seed, String module, long rank, long in) {
    if (this == ORTHONORMAL && rank > in) {
      throw new IllegalArgumentException(
          "Cannot initialise A of %s: rank %d orthonormal rows of %d numbers (use a rank of at most %d, or kaiming)"
              .formatted(module, rank, in, in));
    }
    try (Scope scope = new Scope()) {
      var generator = new GeneratorOptional(torch.createCPUGenerator(seedOf(seed, module)));
      Tensor a = torch.empty(new long[] {rank, in}, new TensorOptions(ScalarType.Float), null);
      return scope.keep(
          switch (this) {
            case KAIMING -> a.uniform_(-1 / Math.sqrt(in), 1 / Math.sqrt(in), generator);
            case NORMAL -> a.normal_(0, 1.0 / rank, generator);
            case ORTHONORMAL ->
                torch.linalg_qr(a.normal_(0, 1, generator).t()).get0().t().contiguous();
          });
    }
  }

  private static long seedOf(long seed, String module) {
    CRC32C name = new CRC32C();
    name.update(module.getBytes(StandardCharsets.UTF_8));
    return seed * 0x9E3779B97F4A7C15L + name.getValue();
  }
}
