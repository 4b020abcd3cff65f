package io.github.sparklorafa.train;

/** What the backward pass computes again so that it need not be kept. */
public enum Recompute {
  /** Only what the engine always does: attention's probabilities. */
  NONE,
  /** Also norm outputs and the product of SwiGLU, from the inputs that are kept anyway. */
  ELEMENTWISE
}
