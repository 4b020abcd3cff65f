package io.github.sparklorafa.lora;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.nn.Sequences;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(InScope.class)
class InputDropoutTest {
  private static final int WIDTH = 37;

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.5, 0.9})
  void leavesOutItsShareAndKeepsTheMean(double probability) {
    InputDropout dropout = new InputDropout(probability, 1);
    dropout.begin(0, new long[] {0, 1, 2, 3}, new Sequences(0, 1000, 2000, 3000, 4000));
    Tensor mask = dropout.mask("q_proj", WIDTH, ScalarType.Float);
    double mean = mask.mean().item_double();
    assertThat(mean).isCloseTo(1 - probability, within(0.01));
    assertThat(mean * dropout.factor()).isCloseTo(1, within(0.03));
    for (int column = 0; column < WIDTH; column++) {
      assertThat(mask.select(1, column).mean().item_double())
          .isCloseTo(1 - probability, within(0.05));
    }
  }

  @Test
  void aMaskFollowsFromRowModuleStepAndSeedAlone() {
    Tensor alone = mask(5, 2, "q_proj", new long[] {8}, 0, 6);
    Tensor second = mask(5, 2, "q_proj", new long[] {3, 8, 4}, 0, 4, 10, 11).narrow(0, 4, 6);
    assertBitEqual("mask", second, alone);
    assertBitEqual("again", mask(5, 2, "q_proj", new long[] {8}, 0, 6), alone);
    assertThat(mask(6, 2, "q_proj", new long[] {8}, 0, 6).equal(alone)).isFalse();
    assertThat(mask(5, 3, "q_proj", new long[] {8}, 0, 6).equal(alone)).isFalse();
    assertThat(mask(5, 2, "v_proj", new long[] {8}, 0, 6).equal(alone)).isFalse();
    assertThat(mask(5, 2, "q_proj", new long[] {9}, 0, 6).equal(alone)).isFalse();
  }

  private static Tensor mask(long seed, long step, String module, long[] rows, int... offsets) {
    InputDropout dropout = new InputDropout(0.5, seed);
    dropout.begin(step, rows, new Sequences(offsets));
    return dropout.mask(module, WIDTH, ScalarType.Float);
  }

  @Test
  void isOffOutsideOfSteps() {
    InputDropout dropout = new InputDropout(0.5, 1);
    assertThat(dropout.isOn()).isFalse();
    dropout.begin(0, new long[] {0}, new Sequences(0, 1));
    assertThat(dropout.isOn()).isTrue();
    dropout.end();
    assertThat(dropout.isOn()).isFalse();
    InputDropout none = InputDropout.none();
    none.begin(0, new long[] {0}, new Sequences(0, 1));
    assertThat(none.isOn()).isFalse();
  }
}
