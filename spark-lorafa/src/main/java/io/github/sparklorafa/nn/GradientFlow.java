package io.github.sparklorafa.nn;

/** Whether a gradient runs back through a tensor: only then is anything kept for it. */
public enum GradientFlow {
  /** Something before this tensor is trained, so its gradient is asked for. */
  FLOWS,
  /** Nothing before this tensor is trained: the backward pass ends here. */
  STOPS;

  /** Flows if {@code something} does. */
  public static GradientFlow when(boolean something) {
    return something ? FLOWS : STOPS;
  }

  /** Whether this flows. */
  public boolean flows() {
    return this == FLOWS;
  }

  /** Flows if either does. */
  public GradientFlow or(GradientFlow other) {
    return when(flows() || other.flows());
  }

  /** Flows if this does or {@code parameter}, which may be null, is trained. */
  public GradientFlow orTrained(Parameter parameter) {
    return when(flows() || (parameter != null && parameter.trainable()));
  }
}
