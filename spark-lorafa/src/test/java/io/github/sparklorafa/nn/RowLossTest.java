package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against the losses that transformers uses, which are means over rows and labels. */
@ExtendWith(InScope.class)
class RowLossTest {
  private static final int ROWS = 5;
  private static final int LABELS = 3;
  private static final long REDUCTION_MEAN = 1;

  @ParameterizedTest
  @EnumSource
  void classesAgreeWithTorch(DType dtype) {
    float[] classes = {2, 0, -100, 1, 2};
    Tensor target = Tensor.create(new long[] {2, 0, -100, 1, 2});
    assertAgrees(RowLoss.CROSS_ENTROPY, dtype, classes, 4, logits -> crossEntropy(logits, target));
  }

  private static Tensor crossEntropy(Tensor logits, Tensor target) {
    return torch.cross_entropy_loss(
        logits, target, new TensorOptional(), REDUCTION_MEAN, -100, /* label_smoothing= */ 0.0);
  }

  @ParameterizedTest
  @EnumSource
  void labelsAgreeWithTorch(DType dtype) {
    float[] labels = {1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0};
    Tensor target = Tensor.create(labels).view(ROWS, LABELS).to(ScalarType.Double);
    assertAgrees(
        RowLoss.BINARY_CROSS_ENTROPY,
        dtype,
        labels,
        ROWS,
        logits ->
            torch.binary_cross_entropy_with_logits(
                logits, target, new TensorOptional(), new TensorOptional(), REDUCTION_MEAN));
  }

  @ParameterizedTest
  @EnumSource
  void numbersAgreeWithTorch(DType dtype) {
    float[] numbers = {0.5f, -3, 0, 1.25f, 7, 0, 0, -0.75f, 2, 1, 1, 4, 0, 1, 9};
    Tensor target = Tensor.create(numbers).view(ROWS, LABELS).to(ScalarType.Double);
    assertAgrees(
        RowLoss.SQUARED_ERROR,
        dtype,
        numbers,
        ROWS,
        logits -> torch.mse_loss(logits, target, REDUCTION_MEAN));
  }

  private static void assertAgrees(
      RowLoss loss,
      DType dtype,
      float[] values,
      long terms,
      java.util.function.UnaryOperator<Tensor> mean) {
    double tolerance = Tensors.tolerance(dtype);
    Tensor logits = Tensors.random(dtype, ROWS, LABELS);
    Autograd oracle =
        Autograd.of(
            in -> mean.apply(in.get(0)).mul(Scalars.of(terms)), torch.ones(new long[0]), logits);
    RowLoss.Loss result = loss.of(logits, values);
    assertThat(result.terms()).isEqualTo(terms);
    double expected = oracle.output().item_double();
    assertThat(result.sum()).isCloseTo(expected, within(tolerance * expected));
    assertCloseToLargest("dlogits", result.gradient(), oracle.gradient(0), tolerance);
    assertThat(result.gradient().element_size()).isEqualTo(dtype.bytes());
  }

  @ParameterizedTest
  @EnumSource
  void logitsFarBeyondTheRangeOfExpStayFinite(RowLoss loss) {
    Tensor logits = torch.tensor(new float[] {1e4f, -1e4f, 0, 3e4f}).view(2, 2);
    float[] values = loss == RowLoss.CROSS_ENTROPY ? new float[] {1, 0} : new float[] {0, 1, 1, 0};
    RowLoss.Loss result = loss.of(logits, values);
    assertThat(result.sum()).isFinite();
    assertThat(result.gradient().isfinite().all().item_bool()).isTrue();
  }

  @Test
  void rowsWithoutClassCostNothing() {
    RowLoss.Loss result =
        RowLoss.CROSS_ENTROPY.of(Tensors.random(DType.FP32, 2, LABELS), new float[] {-100, -100});
    assertThat(result.sum()).isZero();
    assertThat(result.terms()).isZero();
    assertThat(result.gradient().abs().max().item_float()).isZero();
  }

  @Test
  void refusesWhatIsNoClass() {
    Tensor logits = Tensors.random(DType.FP32, 1, LABELS);
    for (float none : new float[] {3, -1, 0.5f, Float.NaN}) {
      assertThatThrownBy(() -> RowLoss.CROSS_ENTROPY.of(logits, new float[] {none}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("class " + none + " of 3");
    }
    assertThatThrownBy(() -> RowLoss.SQUARED_ERROR.of(logits, new float[] {1, 2}))
        .hasMessageContaining("2 labels for 1 rows (each row needs 3)");
  }
}
