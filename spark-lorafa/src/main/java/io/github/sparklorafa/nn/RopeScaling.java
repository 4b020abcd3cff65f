package io.github.sparklorafa.nn;

import java.io.Serializable;

/**
 * How a rotary embedding is stretched over more positions than its model was first trained on, as
 * in {@code modeling_rope_utils.py} of transformers. Frequencies are in radians a position.
 */
public sealed interface RopeScaling extends Serializable {
  /** The frequency of a pair of numbers that turns by {@code frequency} where nothing is scaled. */
  double scaled(double frequency, int pair, Rope rope);

  /** What cosines and sines are multiplied by. */
  default double attentionFactor() {
    return 1;
  }

  /** Leaves every frequency as it is. */
  record None() implements RopeScaling {
    @Override
    public double scaled(double frequency, int pair, Rope rope) {
      return frequency;
    }
  }

  /**
   * Position interpolation (Chen et al., 2023).
   *
   * @param factor by which every turn is slower
   */
  record Linear(double factor) implements RopeScaling {
    @Override
    public double scaled(double frequency, int pair, Rope rope) {
      return frequency / factor;
    }
  }

  /**
   * LLaMA 3.1: pairs that turn often within the first context stay, those that turn seldom are
   * slowed, and between the two it blends.
   *
   * @param factor by which the slowest turn slower
   * @param lowTurns turns in {@code context}, up to which a pair is slowed by the whole factor
   * @param highTurns turns in {@code context}, from which a pair stays
   * @param context positions that the model was first trained on
   */
  record Llama3(double factor, double lowTurns, double highTurns, int context)
      implements RopeScaling {
    @Override
    public double scaled(double frequency, int pair, Rope rope) {
      double turns = context * frequency / (2 * Math.PI);
      double kept = Math.max(0, Math.min(1, (turns - lowTurns) / (highTurns - lowTurns)));
      return frequency * (kept + (1 - kept) / factor);
    }
  }

  /**
   * YaRN (Peng et al., 2023): as {@link Llama3}, blended evenly over pairs and not over turns.
   *
   * @param factor by which the slowest turn slower
   * @param attentionFactor what cosines and sines are multiplied by
   * @param fastTurns turns in {@code context}, from which a pair stays
   * @param slowTurns turns in {@code context}, up to which a pair is slowed by the whole factor
   * @param context positions that the model was first trained on
   * @param edges where the blend begins and ends
   */
  record Yarn(
      double factor,
      double attentionFactor,
      double fastTurns,
      double slowTurns,
      int context,
      Edges edges)
      implements RopeScaling {
    /** Where the blend begins and ends. */
    public enum Edges {
      /** At whole pairs. */
      WHOLE,
      /** Wherever the formula says. */
      EXACT
    }

    /** The attention factor of the paper (section 3.4), where a checkpoint gives none. */
    public static double attentionFactor(double factor, double weight) {
      return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
    }

    @Override
    public double scaled(double frequency, int pair, Rope rope) {
      double low = pairThatTurns(fastTurns, rope);
      double high = pairThatTurns(slowTurns, rope);
      if (edges == Edges.WHOLE) {
        low = Math.floor(low);
        high = Math.ceil(high);
      }
      low = Math.max(low, 0);
      high = Math.min(high, rope.dim() - 1);
      // transformers keeps the ramp from being a step in the same way.
      double width = low == high ? 0.001 : high - low;
      double slowed = Math.max(0, Math.min(1, (pair - low) / width));
      return frequency * (1 - slowed + slowed / factor);
    }

    /** The pair, with a fraction, that turns that often in the context. */
    private double pairThatTurns(double turns, Rope rope) {
      return rope.dim() * Math.log(context / (turns * 2 * Math.PI)) / (2 * Math.log(rope.theta()));
    }
  }
}
