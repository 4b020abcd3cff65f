package io.github.sparklorafa.lora;

import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.PackedWeight;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.StoredMatrix;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters on weights in few bits, against autograd on what these stand for. */
@ExtendWith(InScope.class)
class PackedLinearTest {
  private static final int TOKENS = 9;
  private static final int OUT = 30;
  private static final int IN = 44;
  private static final int RANK = 3;
  private static final double SCALE = 2;

  private record Case(Method method, BaseDType base, DType dtype) {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Method method : List.of(Method.LORA_FA, Method.LORA)) {
      for (BaseDType base : BaseDType.values()) {
        for (DType dtype : DType.values()) {
          cases.add(new Case(method, base, dtype));
        }
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithAutograd(Case the) {
    DType dtype = the.dtype();
    double tolerance = Tensors.tolerance(dtype);
    StoredMatrix stored = StoredMatrix.of(the.base(), Tensors.random(DType.FP32, OUT, IN));
    Tensor w = torch.empty(new long[] {OUT, IN}, dtype.options(), null);
    stored.unpack(0, w);
    Tensor x = Tensors.random(dtype, TOKENS, IN);
    Tensor dy = Tensors.random(dtype, TOKENS, OUT);
    boolean lora = the.method() == Method.LORA;
    Tensor initialA = Tensors.random(dtype, RANK, IN);
    Parameter a = lora ? Tensors.trained(initialA) : Tensors.frozen(initialA);
    Parameter b = Tensors.trained(Tensors.random(dtype, OUT, RANK));
    Autograd oracle =
        Autograd.of(in -> formula(in.get(0), w, in.get(1), in.get(2)), dy, x, a.value(), b.value());
    Linear base = new Linear(new PackedWeight("w", stored), null);
    Projection projection =
        lora
            ? new LoraLinear(base, a, b, SCALE, AdapterInput.plain())
            : new LoraFaLinear(base, a, b, SCALE, AdapterInput.plain());
    projection.plan(GradientFlow.FLOWS);
    try (Tape tape = new Tape()) {
      assertCloseToLargest("y", projection.forward(x, tape), oracle.output(), tolerance);
      assertThat(tape.bytes()).isEqualTo((long) TOKENS * (RANK + (lora ? IN : 0)) * dtype.bytes());
      Tensor dx = projection.backward(dy, tape, null);
      assertCloseToLargest("dx", dx, oracle.gradient(0), tolerance);
    }
    assertCloseToLargest("dB", b.gradient(), oracle.gradient(2), tolerance);
    if (lora) {
      assertCloseToLargest("dA", a.gradient(), oracle.gradient(1), tolerance);
    }
    stored.close();
  }

  private static Tensor formula(Tensor x, Tensor w, Tensor a, Tensor b) {
    Tensor update = x.mm(a.t()).mm(b.t()).mul(Scalars.of(SCALE));
    return x.mm(w.to(x.scalar_type()).t()).add(update);
  }
}
