package io.github.sparklorafa.nn;

import java.util.Locale;

/**
 * What the backward pass computes again so that it need not be kept; each does what the ones before
 * it do, too. Attention's probabilities are computed again in any case.
 */
public enum Recompute {
  /** Nothing. */
  NONE,
  /** Norm outputs, and activations of what is kept anyway: passes over memory, no products. */
  ELEMENTWISE,
  /** The wide half of each layer, of which only its input is kept. */
  MLP,
  /** Each layer, of which only its input is kept. */
  LAYER;

  /**
   * The entry named {@code text}, in lower case.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Recompute parse(String text) {
    for (Recompute recompute : values()) {
      if (recompute.text().equals(text)) {
        return recompute;
      }
    }
    throw new IllegalArgumentException(
        "Cannot recompute: %s (use none, elementwise, mlp or layer)".formatted(text));
  }

  /** As it is written on the command line. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether what {@code other} computes again is computed again. */
  public boolean includes(Recompute other) {
    return compareTo(other) >= 0;
  }
}
