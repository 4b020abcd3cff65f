package io.github.sparklorafa.lora;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link LoraFaLinear} and {@link LoraLinear}: the same function, other gradients and tapes. */
@ExtendWith(InScope.class)
class AdaptedLinearTest {
  private static final int TOKENS = 9;
  private static final int OUT = 7;
  private static final int IN = 11;
  private static final int RANK = 3;

  private record Case(
      Method method, DType dtype, double scale, boolean bias, GradientFlow input, boolean given) {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Method method : List.of(Method.LORA_FA, Method.LORA)) {
      for (DType dtype : DType.values()) {
        cases.add(new Case(method, dtype, 2, false, GradientFlow.FLOWS, false));
        cases.add(new Case(method, dtype, 0.125, true, GradientFlow.FLOWS, true));
        cases.add(new Case(method, dtype, 16 / Math.sqrt(3), false, GradientFlow.FLOWS, true));
        cases.add(new Case(method, dtype, 2, true, GradientFlow.STOPS, false));
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithAutograd(Case the) {
    double tolerance = Tensors.tolerance(the.dtype());
    DType dtype = the.dtype();
    Tensor x = Tensors.random(dtype, TOKENS, IN);
    Tensor dy = Tensors.random(dtype, TOKENS, OUT);
    Tensor bias = the.bias() ? Tensors.random(dtype, OUT) : null;
    Parameter w = Tensors.frozen(Tensors.random(dtype, OUT, IN));
    Tensor initialA = Tensors.random(dtype, RANK, IN);
    boolean lora = the.method() == Method.LORA;
    Parameter a = lora ? Tensors.trained(initialA) : Tensors.frozen(initialA);
    Parameter b = Tensors.trained(Tensors.random(dtype, OUT, RANK));
    Autograd oracle =
        Autograd.of(
            in -> formula(in.get(0), w.value(), bias, in.get(1), in.get(2), the.scale()),
            dy,
            x,
            a.value(),
            b.value());
    Linear base = new Linear(w, bias == null ? null : Tensors.frozen(bias));
    Projection projection = adapted(the.method(), base, a, b, the.scale());
    assertThat(projection.plan(the.input())).isEqualTo(GradientFlow.FLOWS);

    try (Tape tape = new Tape()) {
      assertCloseToLargest("y", projection.forward(x, tape), oracle.output(), tolerance);
      assertThat(tape.bytes()).isEqualTo((long) TOKENS * (RANK + (lora ? IN : 0)) * dtype.bytes());
      Tensor before = the.given() ? Tensors.random(dtype, TOKENS, IN) : null;
      Tensor expected = before == null ? oracle.gradient(0) : oracle.gradient(0).add(before);
      Tensor dx = projection.backward(dy, tape, before);
      if (the.input().flows()) {
        assertCloseToLargest("dx", dx, expected, tolerance);
        assertThat(before == null || dx == before).isTrue();
      } else {
        assertThat(dx).isNull();
      }
      assertThat(tape.isEmpty()).isTrue();
    }
    assertCloseToLargest("dB", b.gradient(), oracle.gradient(2), tolerance);
    if (lora) {
      assertCloseToLargest("dA", a.gradient(), oracle.gradient(1), tolerance);
    }
  }

  @Test
  void lowestAdapterPassesAGivenGradientOnUntouched() {
    for (Method method : List.of(Method.LORA_FA, Method.LORA)) {
      Parameter a = Tensors.trained(Tensors.random(DType.FP32, RANK, IN));
      Parameter b = Tensors.trained(Tensors.random(DType.FP32, OUT, RANK));
      Linear base = new Linear(Tensors.frozen(Tensors.random(DType.FP32, OUT, IN)), null);
      Projection projection = adapted(method, base, a, b, 1);
      projection.plan(GradientFlow.STOPS);
      try (Tape tape = new Tape()) {
        projection.forward(Tensors.random(DType.FP32, TOKENS, IN), tape);
        Tensor given = Tensors.random(DType.FP32, TOKENS, IN);
        Tensor before = given.clone();
        Tensor dy = Tensors.random(DType.FP32, TOKENS, OUT);
        assertThat(projection.backward(dy, tape, given)).isSameAs(given);
        assertBitEqual("dx", given, before);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = Method.class, mode = EnumSource.Mode.EXCLUDE, names = "FULL")
  void dropoutAgreesWithAutogradAndKeepsNoMore(Method method) {
    for (DType dtype : DType.values()) {
      double tolerance = Tensors.tolerance(dtype);
      InputDropout dropout = new InputDropout(0.25, 3);
      dropout.begin(7, new long[] {4, 9}, new Sequences(0, 5, TOKENS));
      Tensor x = Tensors.random(dtype, TOKENS, IN);
      Tensor dy = Tensors.random(dtype, TOKENS, OUT);
      Tensor mask = dropout.mask("q_proj", IN, dtype.scalarType()).mul(Scalars.of(4 / 3.0));
      assertThat(mask.ne(Scalars.of(0)).sum().item_double()).isBetween(55.0, 92.0);
      Parameter w = Tensors.frozen(Tensors.random(dtype, OUT, IN));
      Tensor initialA = Tensors.random(dtype, RANK, IN);
      Parameter a = method == Method.LORA ? Tensors.trained(initialA) : Tensors.frozen(initialA);
      Parameter b = Tensors.trained(Tensors.random(dtype, OUT, RANK));
      Autograd oracle =
          Autograd.of(
              in ->
                  in.get(0)
                      .mm(w.value().to(in.get(1).scalar_type()).t())
                      .add(
                          in.get(0)
                              .mul(mask)
                              .mm(in.get(1).t())
                              .mm(in.get(2).t())
                              .mul(Scalars.of(2))),
              dy,
              x,
              a.value(),
              b.value());
      Projection projection =
          adapted(method, new Linear(w, null), a, b, 2, new AdapterInput("q_proj", dropout));
      projection.plan(GradientFlow.FLOWS);
      try (Tape tape = new Tape()) {
        assertCloseToLargest("y", projection.forward(x, tape), oracle.output(), tolerance);
        long kept = RANK + (method == Method.LORA ? IN : 0);
        assertThat(tape.bytes()).isEqualTo(TOKENS * kept * dtype.bytes());
        assertCloseToLargest(
            "dx", projection.backward(dy, tape, null), oracle.gradient(0), tolerance);
      }
      assertCloseToLargest("dB", b.gradient(), oracle.gradient(2), tolerance);
      if (method == Method.LORA) {
        assertCloseToLargest("dA", a.gradient(), oracle.gradient(1), tolerance);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void isTheBaseWhileBIsZero(DType dtype) {
    Tensor x = Tensors.random(dtype, TOKENS, IN);
    Linear base = new Linear(Tensors.frozen(Tensors.random(dtype, OUT, IN)), null);
    Parameter a = Tensors.frozen(Tensors.random(dtype, RANK, IN));
    Parameter b = Tensors.trained(Tensors.random(dtype, OUT, RANK).zero_());
    Projection projection = new LoraFaLinear(base, a, b, 2, AdapterInput.plain());
    assertBitEqual("y", projection.forward(x, Tape.discarding()), base.apply(x));
  }

  private static Projection adapted(
      Method method, Linear base, Parameter a, Parameter b, double scale) {
    return adapted(method, base, a, b, scale, AdapterInput.plain());
  }

  private static Projection adapted(
      Method method, Linear base, Parameter a, Parameter b, double scale, AdapterInput input) {
    return method == Method.LORA
        ? new LoraLinear(base, a, b, scale, input)
        : new LoraFaLinear(base, a, b, scale, input);
  }

  private static Tensor formula(Tensor x, Tensor w, Tensor bias, Tensor a, Tensor b, double scale) {
    Tensor update = x.mm(a.t()).mm(b.t()).mul(Scalars.of(scale));
    Tensor y = x.mm(w.to(a.scalar_type()).t()).add(update);
    return bias == null ? y : y.add(bias);
  }
}
