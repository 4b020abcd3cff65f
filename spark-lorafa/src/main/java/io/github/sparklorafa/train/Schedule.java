package io.github.sparklorafa.train;

/**
 * How the learning rate runs, as Hugging Face's schedules of these names: a linear warm-up from 0,
 * then constant, linear to 0 or half a cosine to 0.
 */
public enum Schedule {
  CONSTANT,
  LINEAR,
  COSINE;

  /**
   * The schedule of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Schedule parse(String text) {
    return Texts.parse(Schedule.class, "schedule", text);
  }

  /** The name on the command line. */
  public String text() {
    return Texts.of(this);
  }

  /**
   * The factor of the peak learning rate in step {@code step}, which counts from 0.
   *
   * @param warmupSteps steps over which it rises; the first of them has the factor 0
   * @param totalSteps of the run
   */
  public double factor(long step, long warmupSteps, long totalSteps) {
    if (step < warmupSteps) {
      return (double) step / Math.max(1, warmupSteps);
    }
    double progress = (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
    return switch (this) {
      case CONSTANT -> 1;
      case LINEAR -> Math.max(0, 1 - progress);
      case COSINE -> Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
    };
  }
}
