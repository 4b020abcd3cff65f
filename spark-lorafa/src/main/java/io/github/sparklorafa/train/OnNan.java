package io.github.sparklorafa.train;

/** What happens at a step whose loss or gradient is not a finite number. */
public enum OnNan {
  /** The run ends. */
  STOP,
  /** The step leaves everything that is trained as it is, and the run goes on. */
  SKIP;

  public static OnNan parse(String text) {
    return Texts.parse(OnNan.class, "on NaN", text);
  }

  public String text() {
    return Texts.of(this);
  }
}
