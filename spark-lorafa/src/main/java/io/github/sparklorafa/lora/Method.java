package io.github.sparklorafa.lora;

import java.util.Arrays;
import java.util.Locale;

/** What is trained. */
public enum Method {
  /** Only B; A and W are frozen. */
  LORA_FA,
  /** A and B; W is frozen. */
  LORA,
  /** Every weight, without an adapter. */
  FULL;

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
