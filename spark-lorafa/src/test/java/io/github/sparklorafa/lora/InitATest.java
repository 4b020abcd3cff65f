package io.github.sparklorafa.lora;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static io.github.sparklorafa.TensorAssert.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.InScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(InScope.class)
class InitATest {
  private static final String MODULE = "model.layers.0.self_attn.q_proj";
  private static final int RANK = 64;
  private static final int IN = 400;

  /** {@code kaiming_uniform_(a=√5)} is uniform in ±1/√in, of deviation 1/√(3·in). */
  @Test
  void kaimingIsUniformWithinOneOverTheRootOfIn() {
    Tensor a = InitA.KAIMING.make(1, MODULE, RANK, IN);
    double bound = 1 / Math.sqrt(IN);
    assertThat(a.abs().max().item_double()).isBetween(0.99 * bound, (double) (float) bound);
    assertMoments(a, bound / Math.sqrt(3));
  }

  @Test
  void normalHasADeviationOfOneOverRank() {
    assertMoments(InitA.NORMAL.make(1, MODULE, RANK, IN), 1.0 / RANK);
  }

  private static void assertMoments(Tensor a, double deviation) {
    double error = deviation / Math.sqrt(a.numel());
    assertThat(a.mean().item_double()).isCloseTo(0, within(4 * error));
    assertThat(a.std().item_double()).isCloseTo(deviation, within(4 * error));
  }

  @Test
  void orthonormalRowsHaveTheIdentityAsTheirProducts() {
    for (int rank : new int[] {1, RANK, IN}) {
      Tensor a = InitA.ORTHONORMAL.make(1, MODULE, rank, IN);
      assertThat(a.is_contiguous()).isTrue();
      assertClose("A Aᵀ", a.mm(a.t()), torch.eye(rank), 1e-5);
    }
  }

  @Test
  void moreOrthonormalRowsThanNumbersInARowAreRefused() {
    assertThatThrownBy(() -> InitA.ORTHONORMAL.make(1, MODULE, 9, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot initialise A of " + MODULE)
        .hasMessageContaining("at most 8");
  }

  @ParameterizedTest
  @EnumSource
  void followsFromSeedAndNameAlone(InitA init) {
    Tensor a = init.make(3, MODULE, 4, 10);
    torch.randn(5);
    assertBitEqual("same seed and name", init.make(3, MODULE, 4, 10), a);
    assertThat(init.make(4, MODULE, 4, 10).equal(a)).isFalse();
    assertThat(init.make(3, MODULE.replace('0', '1'), 4, 10).equal(a)).isFalse();
    assertThat(a.shape()).containsExactly(4, 10);
  }
}
