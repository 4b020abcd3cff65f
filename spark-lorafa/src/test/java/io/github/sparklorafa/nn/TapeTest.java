package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.util.NoSuchElementException;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InScope.class)
class TapeTest {
  private final Tape tape = new Tape();

  @Test
  void countsTheBytesOfEachDtype() {
    tape.keep(Tensors.random(DType.FP32, 3, 5));
    assertThat(tape.bytes()).isEqualTo(60);
    tape.keep(Tensors.random(DType.BF16, 3, 5));
    assertThat(tape.bytes()).isEqualTo(90);
  }

  @Test
  void countsAnInputOfThreeLayersOnceUntilTheLastHasTakenIt() {
    Tensor shared = Tensors.random(DType.FP32, 4);
    tape.keep(shared);
    tape.keep(shared);
    tape.keep(shared);
    assertThat(tape.bytes()).isEqualTo(16);
    tape.take();
    tape.take();
    assertThat(tape.bytes()).isEqualTo(16);
    tape.take();
    assertThat(tape.bytes()).isZero();
    assertThat(tape.isEmpty()).isTrue();
  }

  @Test
  void aViewPinsItsWholeStorage() {
    Tensor whole = Tensors.random(DType.FP32, 10, 10);
    tape.keep(whole.narrow(0, 0, 1));
    assertThat(tape.bytes()).isEqualTo(400);
    tape.keep(whole.narrow(1, 3, 2));
    tape.keep(whole.t());
    assertThat(tape.bytes()).isEqualTo(400);
    tape.keep(whole.narrow(0, 0, 1).clone());
    assertThat(tape.bytes()).isEqualTo(440);
  }

  @Test
  void givesBackLastKeptFirst() {
    Tensor first = Tensors.random(DType.FP32, 2);
    Tensor second = Tensors.random(DType.FP32, 3);
    tape.keep(first);
    tape.keep(second);
    assertBitEqual("second", tape.take(), second);
    assertBitEqual("first", tape.take(), first);
    assertThatThrownBy(tape::take).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void keepsATensorBeyondItsScopeAndFreesItAfterItIsTaken() {
    long before = Pointer.totalCount();
    Tensor copy = keepFromAnInnerScope();
    assertThat(tape.bytes()).isEqualTo(4000);
    try (Scope scope = new Scope()) {
      Tensor taken = tape.take();
      assertBitEqual("kept", taken, copy);
      assertThat(tape.bytes()).isZero();
    }
    copy.close();
    assertThat(Pointer.totalCount()).isEqualTo(before);
  }

  private Tensor keepFromAnInnerScope() {
    try (Scope scope = new Scope()) {
      Tensor kept = Tensors.random(DType.FP32, 1000);
      tape.keep(kept);
      return scope.release(kept.clone());
    }
  }

  @Test
  void remembersTheMostItHeld() {
    tape.keep(Tensors.random(DType.FP32, 10));
    tape.take();
    tape.keep(Tensors.random(DType.FP32, 3));
    assertThat(tape.bytes()).isEqualTo(12);
    assertThat(tape.peakBytes()).isEqualTo(40);
  }

  @Test
  void closingGivesBackWhatNobodyTook() {
    long before = Pointer.totalCount();
    try (Scope scope = new Scope()) {
      tape.keep(Tensors.random(DType.FP32, 10));
      tape.keep(Tensors.random(DType.FP32, 10));
    }
    assertThat(Pointer.totalCount()).isEqualTo(before + 2);
    tape.close();
    assertThat(tape.bytes()).isZero();
    assertThat(tape.isEmpty()).isTrue();
    assertThat(Pointer.totalCount()).isEqualTo(before);
  }

  @Test
  void aDiscardingOneKeepsNothing() {
    Tape discarding = Tape.discarding();
    discarding.keep(Tensors.random(DType.FP32, 10));
    assertThat(discarding.isEmpty()).isTrue();
    assertThat(discarding.peakBytes()).isZero();
  }

  @Test
  void whatIsDerivedIsMadeOnceForAllWhoKeepIt() {
    Tape recomputing = new Tape(Recompute.ELEMENTWISE);
    Tensor origin = Tensors.random(DType.FP32, 8);
    Tensor y = origin.square();
    int[] made = {0};
    recomputing.keep(origin);
    recomputing.derive(
        y,
        () -> {
          made[0]++;
          return origin.square();
        });
    recomputing.keep(y);
    recomputing.keep(y);
    assertThat(recomputing.bytes()).isEqualTo(32);
    assertThat(made[0]).isZero();

    Tensor again = recomputing.take();
    assertBitEqual("derived", again, y);
    assertThat(again).isNotSameAs(y);
    assertThat(recomputing.take()).isSameAs(again);
    assertThat(made[0]).isEqualTo(1);
    assertThat(recomputing.take()).isSameAs(origin);
    assertThat(recomputing.isEmpty()).isTrue();
  }

  @Test
  void whatWasMadeAgainIsDerivedToo() {
    Tape recomputing = new Tape(Recompute.LAYER);
    Tensor origin = Tensors.random(DType.FP32, 8);
    Tensor y = origin.square();
    recomputing.keep(origin);
    recomputing.derive(y, () -> origin.square());
    recomputing.keep(y);
    Tensor again = recomputing.take();
    recomputing.keep(again);
    assertThat(recomputing.bytes()).isEqualTo(32);
    assertBitEqual("derived", recomputing.take(), y);
  }

  @Test
  void keepsWhatIsDerivedUnlessItRecomputes() {
    Tensor y = Tensors.random(DType.FP32, 8);
    tape.derive(y, () -> fail("made again"));
    tape.keep(y);
    assertThat(tape.bytes()).isEqualTo(32);
    assertThat(tape.take()).isSameAs(y);
  }

  @Test
  void aSegmentThatIsRunAgainKeepsItsInputAlone() {
    Tape recomputing = new Tape(Recompute.MLP);
    Tensor x = Tensors.random(DType.FP32, 2);
    Tape segment = recomputing.segment(Recompute.MLP, x);
    segment.keep(Tensors.random(DType.FP32, 100));
    assertThat(recomputing.bytes()).isEqualTo(8);
    assertThat(recomputing.take()).isSameAs(x);

    assertThat(recomputing.segment(Recompute.LAYER, x)).isSameAs(recomputing);
    assertThat(recomputing.isEmpty()).isTrue();
  }

  @Test
  void derivedTensorsAreGivenBack() {
    long before = Pointer.totalCount();
    Tape recomputing = new Tape(Recompute.ELEMENTWISE);
    try (Scope scope = new Scope()) {
      Tensor origin = Tensors.random(DType.FP32, 8);
      Tensor y = origin.square();
      recomputing.derive(y, () -> origin.square());
      recomputing.keep(y);
      recomputing.keep(y);
      recomputing.take();
    }
    recomputing.close();
    assertThat(Pointer.totalCount()).isEqualTo(before);
  }
}
