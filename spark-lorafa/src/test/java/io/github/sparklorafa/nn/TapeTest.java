package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
}
