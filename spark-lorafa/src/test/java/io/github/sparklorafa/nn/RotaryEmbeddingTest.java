package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertClose;
import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(InScope.class)
class RotaryEmbeddingTest {
  private static final double THETA = 5000;

  @ParameterizedTest
  @CsvSource({
    "FP32, 1, 2, 9",
    "FP32, 3, 12, 40",
    "FP32, 8, 64, 150",
    "BF16, 3, 12, 40",
    "BF16, 8, 64, 150"
  })
  void agreesWithTheFormulaOfHuggingFaceAndItsAutograd(
      DType dtype, int heads, int headDim, int tokens) {
    double tolerance = Tensors.tolerance(dtype);
    long[] positions = LongStream.range(0, tokens).map(i -> (i * 5) % 31).toArray();
    Tensor x = Tensors.random(dtype, tokens, (long) heads * headDim);
    Tensor dy = Tensors.random(dtype, tokens, (long) heads * headDim);
    Autograd oracle = Autograd.of(in -> rotateHalf(in.get(0), headDim, positions), dy, x);
    RotaryEmbedding rotary = new RotaryEmbedding(headDim, new Rope(headDim, THETA));
    RotaryEmbedding.Angles angles = rotary.angles(positions, dtype.scalarType());

    rotary.forward(x, angles);
    assertCloseToLargest("y", x, oracle.output(), tolerance);
    rotary.backward(dy, angles);
    assertCloseToLargest("dx", dy, oracle.gradient(0), tolerance);
  }

  @ParameterizedTest
  @CsvSource({"FP32, 3, 12, 8, 1", "FP32, 2, 16, 16, 1.3", "BF16, 2, 16, 2, 0.7"})
  void turnsAPartAndScalesAsAutogradSays(
      DType dtype, int heads, int headDim, int turning, double factor) {
    long[] positions = LongStream.range(0, 9).map(i -> i * 3).toArray();
    Tensor x = Tensors.random(dtype, 9, (long) heads * headDim);
    Tensor dy = Tensors.random(dtype, 9, (long) heads * headDim);
    Autograd oracle =
        Autograd.of(
            in -> {
              Tensor byHead = in.get(0).view(9L * heads, headDim);
              Tensor first = byHead.narrow(1, 0, turning).reshape(9, -1);
              Tensor turned =
                  rotateHalf(first, turning, positions)
                      .mul(Scalars.of(factor))
                      .view(9L * heads, turning);
              Tensor rest = byHead.narrow(1, turning, headDim - turning);
              return torch.cat(new TensorVector(turned, rest), 1).view(9, -1);
            },
            dy,
            x);
    RopeScaling scaling = new RopeScaling.Yarn(1, factor, 32, 1, 64, RopeScaling.Yarn.Edges.WHOLE);
    RotaryEmbedding rotary = new RotaryEmbedding(headDim, new Rope(turning, THETA, scaling));
    RotaryEmbedding.Angles angles = rotary.angles(positions, dtype.scalarType());

    rotary.forward(x, angles);
    assertCloseToLargest("y", x, oracle.output(), Tensors.tolerance(dtype));
    rotary.backward(dy, angles);
    assertCloseToLargest("dx", dy, oracle.gradient(0), Tensors.tolerance(dtype));
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 18})
  void refusesToTurnAnOddPartOrMoreThanAHead(int turning) {
    assertThatThrownBy(() -> new RotaryEmbedding(16, new Rope(turning, THETA)))
        .hasMessage("Cannot turn heads: %d of 16 numbers (an even part is needed)", turning);
  }

  @Test
  void turnsBackToWhereItWas() {
    RotaryEmbedding rotary = new RotaryEmbedding(16, new Rope(16, 10_000));
    Tensor x = Tensors.random(DType.FP32, 5, 32);
    Tensor before = x.clone();
    RotaryEmbedding.Angles angles =
        rotary.angles(new long[] {0, 1, 77, 2047, 100_000}, ScalarType.Float);
    rotary.forward(x, angles);
    rotary.backward(x, angles);
    assertClose("x", x, before, 1e-5);
  }

  /** At position 4000 one rounding of the angle is 2e-4, so the tolerance is wider. */
  @Test
  void anglesStayThoseOfHuggingFaceFarFromTheStart() {
    long[] positions = {4000, 8191};
    Tensor x = Tensors.random(DType.FP32, 2, 64);
    Tensor expected = rotateHalf(x.to(ScalarType.Double), 64, positions);
    RotaryEmbedding rotary = new RotaryEmbedding(64, new Rope(64, THETA));
    rotary.forward(x, rotary.angles(positions, ScalarType.Float));
    assertClose("y", x, expected, 4e-3);
  }

  /** {@code apply_rotary_pos_emb} of transformers' {@code modeling_llama.py}, step by step. */
  private static Tensor rotateHalf(Tensor x, int headDim, long[] positions) {
    Tensor exponents =
        torch
            .arange(Scalars.of(0), Scalars.of(headDim), Scalars.of(2))
            .to(ScalarType.Double)
            .div(Scalars.of(headDim));
    Tensor frequencies = torch.pow(Scalars.of(THETA), exponents).reciprocal();
    Tensor angles = torch.outer(Tensor.create(positions).to(ScalarType.Double), frequencies);
    Tensor both = torch.cat(new TensorVector(angles, angles), -1).unsqueeze(1);
    Tensor heads = x.view(positions.length, -1, headDim);
    Tensor first = heads.narrow(2, 0, headDim / 2);
    Tensor second = heads.narrow(2, headDim / 2, headDim / 2);
    Tensor rotated = torch.cat(new TensorVector(second.neg(), first), -1);
    return heads.mul(both.cos()).add(rotated.mul(both.sin())).reshape(positions.length, -1);
  }
}
