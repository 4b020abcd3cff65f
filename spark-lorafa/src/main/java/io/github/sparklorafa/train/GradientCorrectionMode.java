package io.github.sparklorafa.train;

/**
 * What is done to B's gradient before the optimizer sees it.
 *
 * <p>{@link #GRAM} is the correction of the paper's second version: {@code g' = (1/s²) · gB · (A
 * Aᵀ)⁻¹}, applied once, after the all-reduce and the clipping.
 */
public enum GradientCorrectionMode {
  NONE,
  GRAM;

  public static GradientCorrectionMode parse(String text) {
    return Texts.parse(GradientCorrectionMode.class, "gradient correction", text);
  }

  public String text() {
    return Texts.of(this);
  }
}
