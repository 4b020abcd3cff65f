package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(InScope.class)
class LinearTest {
  private static final int TOKENS = 6;
  private static final int OUT = 7;
  private static final int IN = 5;

  private enum Role {
    ABSENT,
    FROZEN,
    TRAINED
  }

  private record Case(DType dtype, Role weight, Role bias, GradientFlow input, boolean addsToDx) {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (DType dtype : DType.values()) {
      for (Role weight : List.of(Role.FROZEN, Role.TRAINED)) {
        for (Role bias : Role.values()) {
          cases.add(new Case(dtype, weight, bias, GradientFlow.FLOWS, false));
          cases.add(new Case(dtype, weight, bias, GradientFlow.FLOWS, true));
          cases.add(new Case(dtype, weight, bias, GradientFlow.STOPS, false));
        }
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithAutograd(Case the) {
    double tolerance = Tensors.tolerance(the.dtype());
    Tensor x = Tensors.random(the.dtype(), TOKENS, IN);
    Tensor dy = Tensors.random(the.dtype(), TOKENS, OUT);
    Parameter weight = parameter(the.weight(), Tensors.random(the.dtype(), OUT, IN));
    Parameter bias = parameter(the.bias(), Tensors.random(the.dtype(), OUT));
    Tensor shift = bias == null ? Tensors.random(the.dtype(), OUT).zero_() : bias.value();
    Autograd oracle =
        Autograd.of(in -> in.get(0).mm(in.get(1).t()).add(in.get(2)), dy, x, weight.value(), shift);
    Linear linear = new Linear(weight, bias);
    boolean anyTrained = the.weight() == Role.TRAINED || the.bias() == Role.TRAINED;
    assertThat(linear.plan(the.input()).flows()).isEqualTo(the.input().flows() || anyTrained);

    try (Tape tape = new Tape()) {
      assertCloseToLargest("y", linear.forward(x, tape), oracle.output(), tolerance);
      assertThat(tape.bytes())
          .isEqualTo(the.weight() == Role.TRAINED ? (long) TOKENS * IN * the.dtype().bytes() : 0);
      Tensor before = the.addsToDx() ? Tensors.random(the.dtype(), TOKENS, IN) : null;
      Tensor expected = before == null ? oracle.gradient(0) : oracle.gradient(0).add(before);
      Tensor dx = linear.backward(dy, tape, before);
      if (the.input().flows()) {
        assertCloseToLargest("dx", dx, expected, tolerance);
      } else {
        assertThat(dx).isNull();
      }
      assertThat(tape.isEmpty()).isTrue();
    }
    if (weight.trainable()) {
      assertCloseToLargest("dW", weight.gradient(), oracle.gradient(1), tolerance);
    }
    if (bias != null && bias.trainable()) {
      assertCloseToLargest("db", bias.gradient(), oracle.gradient(2), tolerance);
    }
  }

  private static Parameter parameter(Role role, Tensor value) {
    return switch (role) {
      case ABSENT -> null;
      case FROZEN -> Tensors.frozen(value);
      case TRAINED -> Tensors.trained(value);
    };
  }

  @Test
  void addsToTheInputGradientInPlace() {
    Linear linear = new Linear(Tensors.frozen(Tensors.random(DType.FP32, OUT, IN)), null);
    linear.plan(GradientFlow.FLOWS);
    Tensor dx = Tensors.random(DType.FP32, TOKENS, IN);
    Tensor dy = Tensors.random(DType.FP32, TOKENS, OUT);
    assertThat(linear.backward(dy, new Tape(), dx)).isSameAs(dx);
  }

  @Test
  void gradientsOfMicroBatchesAddUp() {
    Parameter weight = Tensors.trained(Tensors.random(DType.FP32, OUT, IN));
    Linear linear = new Linear(weight, null);
    linear.plan(GradientFlow.STOPS);
    Tensor x = Tensors.random(DType.FP32, TOKENS, IN);
    Tensor dy = Tensors.random(DType.FP32, TOKENS, OUT);
    try (Tape tape = new Tape()) {
      for (int i = 0; i < 2; i++) {
        linear.forward(x, tape);
        linear.backward(dy, tape, null);
      }
    }
    assertCloseToLargest("2 dW", weight.gradient(), dy.t().mm(x).add(dy.t().mm(x)), 1e-6);
  }
}
