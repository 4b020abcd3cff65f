package io.github.sparklorafa.train;

/** Reports to try listeners on. */
public final class Reports {
  private Reports() {}

  /** One of 20 steps. */
  public static StepReport step(long step, long tapeBytes) {
    return new StepReport(
        step,
        20,
        0.5,
        2.25,
        1e-3,
        0.5,
        100,
        40,
        tapeBytes,
        0.5,
        0.25,
        0.125,
        new StepTimes(0.0625, 0.125, 0.25));
  }
}
