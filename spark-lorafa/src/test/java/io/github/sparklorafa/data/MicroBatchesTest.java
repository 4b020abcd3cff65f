package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class MicroBatchesTest {

  private static final TokenStore STORE =
      TokenStore.of(
          List.of(
              Example.of(10, 11, 12),
              new Example(new int[] {20, 21, 22, 23}, new int[] {-100, -100, 22, 23}),
              Example.of(30),
              new Example(new int[] {40, 41, 42}, new int[] {7, -100, 8})));

  @Test
  void targetsAreLabelsShiftedWithinEachSequence() {
    List<TokenBatch> batches = MicroBatches.of(STORE, new long[] {0, 1, 2, 3}, 0);

    assertThat(batches).hasSize(1);
    TokenBatch batch = batches.get(0);
    assertThat(batch.ids()).containsExactly(10, 11, 12, 20, 21, 22, 23, 30, 40, 41, 42);
    assertThat(batch.targets())
        .containsExactly(11, 12, -100, -100, 22, 23, -100, -100, -100, 8, -100);
    assertThat(batch.offsets()).containsExactly(0, 3, 7, 8, 11);
    assertThat(batch.lossTerms()).isEqualTo(5);
    assertThat(batch.tokens()).isEqualTo(11);
    assertThat(batch.sequences()).isEqualTo(4);
  }

  @Test
  void rowsAreCutIntoMicroBatchesInOrder() {
    List<TokenBatch> batches = MicroBatches.of(STORE, new long[] {3, 0, 2}, 2);

    assertThat(batches).hasSize(2);
    assertThat(batches.get(0).ids()).containsExactly(40, 41, 42, 10, 11, 12);
    assertThat(batches.get(1).ids()).containsExactly(30);
    assertThat(batches.get(1).lossTerms()).isZero();
    assertThat(MicroBatches.of(STORE, new long[] {3, 0, 2}, Integer.MAX_VALUE)).hasSize(1);
  }

  @Test
  void noRowsGiveNoMicroBatch() {
    assertThat(MicroBatches.of(STORE, new long[0], 0)).isEmpty();
    assertThat(MicroBatches.of(STORE, new long[0], 4)).isEmpty();
  }

  @Test
  void impossibleSizesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MicroBatches.of(STORE, new long[] {0}, -1))
        .withMessageStartingWith("Cannot cut micro-batches: size -1");
    assertThatIllegalArgumentException().isThrownBy(() -> TokenBatch.of(List.of()));
  }
}
