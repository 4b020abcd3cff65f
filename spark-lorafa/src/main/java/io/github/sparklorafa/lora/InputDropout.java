package io.github.sparklorafa.lora;

import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.Scope;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Dropout of the inputs of all A's, as PEFT has it: {@code h = c (x ∘ m) Aᵀ}, where each number of
 * the mask m is 0 with the probability p, else 1, and {@code c = 1 / (1 − p)}.
 *
 * <p>A mask is a function of the seed, the row, the module and the step, so the backward pass makes
 * it again instead of keeping it, and neither workers nor micro-batches change it. Off until {@link
 * #begin}. Not thread-safe.
 */
public final class InputDropout {
  private static final int LEVELS = 1 << Short.SIZE;
  private static final int NUMBERS_A_DRAW = Long.SIZE / Short.SIZE;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final int dropped;
  private final long seed;
  private long step;
  private long[] rows;
  private Function<String, Sequences> sequences;

  /**
   * @param probability p, from 0 to below 1; it is rounded to a 65,536th
   */
  public InputDropout(double probability, long seed) {
    this.dropped = Math.min(LEVELS - 1, (int) Math.round(probability * LEVELS));
    this.seed = seed;
  }

  /** One that leaves out nothing. */
  public static InputDropout none() {
    return new InputDropout(0, 0);
  }

  /**
   * Turns it on for a micro-batch.
   *
   * @param rows {@code [sequences]}, a number for each that tells it from all others of the data
   */
  public void begin(long step, long[] rows, Sequences sequences) {
    begin(step, rows, module -> sequences);
  }

  /**
   * The same where not all modules see the same tokens.
   *
   * @param sequences what a module of that name sees of the rows
   */
  public void begin(long step, long[] rows, Function<String, Sequences> sequences) {
    this.step = step;
    this.rows = rows.clone();
    this.sequences = sequences;
  }

  /** Turns it off, as for an evaluation. */
  public void end() {
    sequences = null;
  }

  /** Whether a mask is applied now. */
  boolean isOn() {
    return dropped > 0 && sequences != null;
  }

  /** The factor c. */
  double factor() {
    return (double) LEVELS / (LEVELS - dropped);
  }

  /** The mask {@code [tokens, width]} of a module, owned by the caller's scope. */
  Tensor mask(String module, long width, ScalarType dtype) {
    try (Scope scope = new Scope()) {
      Sequences seen = sequences.apply(module);
      Tensor mask = torch.empty(new long[] {seen.tokens(), width}, new TensorOptions(dtype), null);
      for (int i = 0; i < seen.count(); i++) {
        fill(mask.narrow(0, seen.start(i), seen.length(i)), seedOf(rows[i], module));
      }
      return scope.keep(mask);
    }
  }

  /** Four numbers of 16 bits a draw, which costs a quarter of the draws of one a number. */
  private void fill(Tensor mask, long seedOfMask) {
    try (Scope scope = new Scope()) {
      var generator = new GeneratorOptional(torch.createCPUGenerator(seedOfMask));
      long draws = (mask.numel() + NUMBERS_A_DRAW - 1) / NUMBERS_A_DRAW;
      Tensor drawn =
          torch
              .empty(new long[] {draws}, new TensorOptions(ScalarType.Long), null)
              .random_(Long.MIN_VALUE, new LongOptional(), generator);
      Tensor levels = drawn.view(ScalarType.Short).narrow(0, 0, mask.numel());
      mask.copy_(levels.ge(new Scalar((double) (dropped + Short.MIN_VALUE))).view_as(mask));
    }
  }

  private long seedOf(long row, String module) {
    CRC32C name = new CRC32C();
    name.update(module.getBytes(StandardCharsets.UTF_8));
    return mix(mix(mix(mix(seed) + row) + step) + name.getValue());
  }

  /** SplitMix64 (Steele, Lea, Flood 2014). */
  private static long mix(long value) {
    long z = value + GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
