package io.github.sparklorafa.lora;

import java.util.Arrays;
import java.util.Locale;

/** What is trained. */
public enum Method {
  /** Only B; A and W are frozen. */
  LORA_FA(2e-3),
  /** A and B; W is frozen. */
  LORA(5e-4),
  /** Every weight, without an adapter. */
  FULL(5e-5);

  private final double usualLearningRate;

  Method(double usualLearningRate) {
    this.usualLearningRate = usualLearningRate;
  }

  /**
   * The learning rate where none is given. With A frozen, B alone has to move the output: LoRA-FA
   * learns best at about four times LoRA's rate (docs/defaults.md).
   */
  public double usualLearningRate() {
    return usualLearningRate;
  }

  /** The name on the command line: {@code lora-fa}, {@code lora}, {@code full}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether an adapter is trained, and not the model itself. */
  public boolean adapts() {
    return this != FULL;
  }

  /**
   * The method of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Method parse(String text) {
    return Arrays.stream(values())
        .filter(method -> method.text().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Cannot use method: " + text + " (use lora-fa, lora or full)"));
  }
}
