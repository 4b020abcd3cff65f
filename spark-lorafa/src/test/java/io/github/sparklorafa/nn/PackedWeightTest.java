package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.tensor.StoredMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(InScope.class)
class PackedWeightTest {
  private static final int TOKENS = 6;
  private static final int OUT = 70;
  private static final int IN = 52;

  private record Case(BaseDType base, DType dtype, boolean bias, boolean given, long blockBytes) {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (BaseDType base : BaseDType.values()) {
      for (DType dtype : DType.values()) {
        // All at once; by 16 or 20 rows, the last ones fewer; by 32 or 40.
        cases.add(new Case(base, dtype, false, false, 1 << 20));
        cases.add(new Case(base, dtype, true, true, 1 << 20));
        cases.add(new Case(base, dtype, true, false, 20L * IN * dtype.bytes()));
        cases.add(new Case(base, dtype, false, true, 40L * IN * dtype.bytes()));
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithAutogradOnTheUnpackedWeight(Case the) {
    double tolerance = Tensors.tolerance(the.dtype());
    StoredMatrix rows = StoredMatrix.of(the.base(), Tensors.random(DType.FP32, OUT, IN));
    PackedWeight weight = new PackedWeight("w", rows, the.blockBytes());
    Tensor unpacked = weight.unpacked(the.dtype().scalarType());
    Tensor x = Tensors.random(the.dtype(), TOKENS, IN);
    Tensor dy = Tensors.random(the.dtype(), TOKENS, OUT);
    Tensor bias = Tensors.random(the.dtype(), OUT);
    Tensor shift = the.bias() ? bias : bias.sub(bias);
    Autograd oracle =
        Autograd.of(in -> in.get(0).mm(unpacked.to(in.get(0).scalar_type()).t()).add(shift), dy, x);
    Linear linear = new Linear(weight, the.bias() ? Tensors.frozen(bias) : null);
    assertThat(linear.plan(GradientFlow.FLOWS)).isEqualTo(GradientFlow.FLOWS);
    try (Tape tape = new Tape()) {
      assertCloseToLargest("y", linear.forward(x, tape), oracle.output(), tolerance);
      assertThat(tape.bytes()).isZero();
      Tensor before = the.given() ? Tensors.random(the.dtype(), TOKENS, IN) : null;
      Tensor expected = before == null ? oracle.gradient(0) : oracle.gradient(0).add(before);
      Tensor dx = linear.backward(dy, tape, before);
      assertCloseToLargest("dx", dx, expected, tolerance);
      assertThat(before == null || dx == before).isTrue();
    }
    weight.close();
  }

  /** The same products as those of the weight itself, where both are the same numbers. */
  @Test
  void oneBlockIsBitEqualToTheDenseWeight() {
    Tensor matrix = Tensors.random(DType.BF16, OUT, IN);
    Tensor x = Tensors.random(DType.FP32, TOKENS, IN);
    Tensor dy = Tensors.random(DType.FP32, TOKENS, OUT);
    PackedWeight packed = new PackedWeight("w", StoredMatrix.of(BaseDType.BF16, matrix));
    Weight dense = new DenseWeight(Tensors.frozen(packed.unpacked(DType.FP32.scalarType())));
    assertBitEqual("y", packed.product(x), dense.product(x));
    assertBitEqual("dx", packed.addInputGradient(dy, null), dense.addInputGradient(dy, null));
  }

  @Test
  void blocksOfAWideWeightAreSmallerThanIt() {
    assertThat(PackedWeight.blockBytes(OUT, IN, 2)).isEqualTo(OUT * IN * 2);
    assertThat(PackedWeight.blockBytes(11008, 4096, 2)).isEqualTo(16 << 20);
    // At least 64 rows.
    assertThat(PackedWeight.blockBytes(100, 1 << 20, 4)).isEqualTo(64L << 22);
  }

  @Test
  void productsHoldOneBlockAndLeaveNothingBehind() {
    StoredMatrix rows = StoredMatrix.of(BaseDType.NF4, Tensors.random(DType.BF16, 4096, 4096));
    PackedWeight weight = new PackedWeight("w", rows);
    Tensor x = Tensors.random(DType.BF16, TOKENS, 4096);
    Buffers.trim();
    long before = Buffers.usage().used();
    long objects = 0;
    for (int i = 0; i < 4; i++) {
      try (Scope scope = new Scope()) {
        weight.addInputGradient(weight.product(x), null);
      }
      objects = i == 1 ? Pointer.totalCount() : objects;
    }
    assertThat(Buffers.usage().mostUsed() - before).isEqualTo(16 << 20);
    assertThat(Buffers.usage().used()).isEqualTo(before);
    assertThat(Pointer.totalCount()).isEqualTo(objects);
    weight.close();
  }

  @Test
  void frozenWeightsThatAreNamedArePacked() {
    Tensor matrix = Tensors.random(DType.FP32, OUT, IN);
    ParameterSource source = new Given(Map.of("a.weight", matrix, "b.weight", matrix, "c", matrix));
    FrozenBase base = new FrozenBase(BaseDType.INT8, Set.of("a.weight", "b.weight"));
    Parameters parameters = new Parameters(source, "b.weight"::equals, base);
    Weight a = Linear.of(parameters, "a", Linear.Bias.NO, OUT, IN).weight();
    Weight b = Linear.of(parameters, "b", Linear.Bias.NO, OUT, IN).weight();
    assertThat(a).isInstanceOf(PackedWeight.class);
    assertThat(a.bytes()).isEqualTo(OUT * IN + 4 * OUT);
    assertThat(b.trainable()).isTrue();
    assertThat(parameters.weight("a.weight", OUT, IN)).isSameAs(a);
    assertThat(parameters.packed()).containsExactly((PackedWeight) a);
    assertThat(parameters.all()).extracting(Parameter::name).containsExactly("b.weight");
    assertThatThrownBy(() -> a.addGradient(matrix))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Cannot add a gradient: a.weight");
  }

  private record Given(Map<String, Tensor> tensors) implements ParameterSource {
    @Override
    public boolean has(String name) {
      return tensors.containsKey(name);
    }

    @Override
    public Tensor load(String name, long... shape) {
      return tensors.get(name);
    }
  }
}
