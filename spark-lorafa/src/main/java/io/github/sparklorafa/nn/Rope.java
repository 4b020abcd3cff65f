package io.github.sparklorafa.nn;

import java.io.Serializable;

/**
 * The angles of a {@link RotaryEmbedding}: pair {@code i} turns by {@code θ^(−2i/dim)} a position,
 * scaled.
 *
 * @param dim numbers of a head that turn, its first ones; even
 * @param theta base
 * @param scaling of the frequencies
 */
public record Rope(int dim, double theta, RopeScaling scaling) implements Serializable {
  /** Without scaling. */
  public Rope(int dim, double theta) {
    this(dim, theta, new RopeScaling.None());
  }

  /** Radians a position, {@code [dim / 2]}. */
  double[] frequencies() {
    double[] frequencies = new double[dim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = scaling.scaled(Math.pow(theta, -2.0 * i / dim), i, this);
    }
    return frequencies;
  }
}
