package io.github.sparklorafa.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The frequencies that {@code modeling_rope_utils.py} of transformers documents. */
class RopeScalingTest {
  private static final double THETA = 5000;
  private static final int DIM = 12;
  private static final double[] PLAIN =
      IntStream.range(0, DIM / 2).mapToDouble(i -> Math.pow(THETA, -2.0 * i / DIM)).toArray();

  @Test
  void linearSlowsAllPairsAlike() {
    double[] scaled = new Rope(DIM, THETA, new RopeScaling.Linear(2.5)).frequencies();
    for (int i = 0; i < PLAIN.length; i++) {
      assertThat(scaled[i]).isCloseTo(PLAIN[i] / 2.5, within(1e-15));
    }
  }

  /** Turns in 64 positions: 10.2, 2.5, 0.6, … */
  @Test
  void llama3KeepsFastPairsAndSlowsSlowOnes() {
    double[] scaled = new Rope(DIM, THETA, new RopeScaling.Llama3(8, 1, 4, 64)).frequencies();
    assertThat(scaled[0]).isEqualTo(PLAIN[0]);
    double smooth = (64 * PLAIN[1] / (2 * Math.PI) - 1) / 3;
    assertThat(scaled[1]).isCloseTo((1 - smooth) * PLAIN[1] / 8 + smooth * PLAIN[1], within(1e-15));
    for (int i = 2; i < PLAIN.length; i++) {
      assertThat(scaled[i]).isEqualTo(PLAIN[i] / 8);
    }
  }

  /** In 32 positions pair 1.15 turns once and none 32 times: the blend runs from 0 to 2. */
  @Test
  void yarnBlendsOverPairs() {
    RopeScaling.Yarn yarn = new RopeScaling.Yarn(4, 1.1, 32, 1, 32, RopeScaling.Yarn.Edges.WHOLE);
    double[] scaled = new Rope(DIM, THETA, yarn).frequencies();
    assertThat(yarn.attentionFactor()).isEqualTo(1.1);
    assertThat(scaled[0]).isEqualTo(PLAIN[0]);
    assertThat(scaled[1]).isCloseTo(PLAIN[1] * (0.5 + 0.5 / 4), within(1e-15));
    for (int i = 2; i < PLAIN.length; i++) {
      assertThat(scaled[i]).isEqualTo(PLAIN[i] / 4);
    }
  }

  @Test
  void yarnsAttentionFactorIsThePapers() {
    assertThat(RopeScaling.Yarn.attentionFactor(4, 1))
        .isCloseTo(0.1 * Math.log(4) + 1, within(1e-15));
    assertThat(RopeScaling.Yarn.attentionFactor(0.5, 1)).isEqualTo(1);
  }
}
