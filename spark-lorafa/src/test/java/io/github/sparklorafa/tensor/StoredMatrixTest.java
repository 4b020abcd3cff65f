package io.github.sparklorafa.tensor;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static io.github.sparklorafa.TensorAssert.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.checkpoint.SafetensorsFile;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against what bitsandbytes made of the same matrices ({@code make_quantized.py}). */
@ExtendWith(InScope.class)
class StoredMatrixTest {
  private final SafetensorsFile reference = reference();

  private static SafetensorsFile reference() {
    try {
      return SafetensorsFile.open(
          Path.of(StoredMatrixTest.class.getResource("/reference/quantized.safetensors").toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private Tensor expected(String name) {
    return reference.load(name, DType.FP32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"70x260", "9x64", "13x100", "5x7", "1x1"})
  void nf4IsThatOfBitsandbytes(String shape) {
    Tensor weight = reference.load(shape + ".weight", DType.BF16);
    Nf4Matrix matrix = Nf4Matrix.of(weight);
    Tensor codes = expected(shape + ".nf4.codes");
    long whole = weight.numel() / 2;
    assertBitEqual(
        "codes", wide(matrix.codes()).narrow(0, 0, whole), wide(codes).narrow(0, 0, whole));
    BlockScales scales = matrix.scales();
    assertBitEqual("scales", wide(scales.codes()), wide(expected(shape + ".nf4.scales")));
    assertClose("largest", scales.largest().view(-1), expected(shape + ".nf4.largest"), 1e-7);
    assertThat(scales.mean()).isEqualTo(expected(shape + ".nf4.mean").item_float());
    assertBitEqual("numbers", unpacked(matrix, DType.FP32), expected(shape + ".nf4.numbers"));
    assertBitEqual(
        "rounded",
        unpacked(matrix, DType.BF16),
        reference.load(shape + ".nf4.rounded", DType.BF16));
  }

  @ParameterizedTest
  @ValueSource(strings = {"70x260", "9x64", "13x100", "5x7"})
  void int8IsThatOfBitsandbytes(String shape) {
    Int8Matrix matrix = Int8Matrix.of(reference.load(shape + ".weight", DType.BF16));
    assertBitEqual("codes", wide(matrix.codes()), wide(expected(shape + ".int8.codes")));
    // bitsandbytes keeps the largest magnitude and divides by 127 when it unpacks.
    assertClose("numbers", unpacked(matrix, DType.FP32), expected(shape + ".int8.numbers"), 1e-7);
  }

  @Test
  void theDynamicMapIsThatOfBitsandbytes() {
    assertBitEqual("map", Tensor.create(BlockScales.dynamicMap()), expected("map"));
  }

  /** Every number is off by at most half a step between two levels. */
  @ParameterizedTest
  @CsvSource({"INT8, 0.004", "NF4, 0.2"})
  void numbersStayNearWhatTheyWere(BaseDType dtype, double share) {
    Tensor matrix = Tensors.random(DType.FP32, 100, 320);
    try (StoredMatrix stored = StoredMatrix.of(dtype, matrix)) {
      double largest = matrix.abs().max().item_double();
      double off = unpacked(stored, DType.FP32).sub(matrix).abs().max().item_double();
      assertThat(off).isBetween(share * largest / 100, share * largest);
    }
  }

  private record Blocks(BaseDType dtype, DType unpacked, long rows, long columns) {}

  static List<Blocks> blocks() {
    List<Blocks> all = new ArrayList<>();
    for (BaseDType dtype : BaseDType.values()) {
      for (DType unpacked : DType.values()) {
        for (long columns : new long[] {1, 7, 64, 90, 1000, 40_000}) {
          all.add(new Blocks(dtype, unpacked, columns > 1000 ? 3 : 130, columns));
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void blocksOfRowsAreThoseOfTheWhole(Blocks the) {
    Tensor matrix = Tensors.random(DType.BF16, the.rows(), the.columns());
    try (StoredMatrix stored = StoredMatrix.of(the.dtype(), matrix)) {
      assertThat(stored.rows()).isEqualTo(the.rows());
      assertThat(stored.columns()).isEqualTo(the.columns());
      assertThat(stored.bytes()).isEqualTo(the.dtype().bytes(the.rows(), the.columns()));
      Tensor whole = unpacked(stored, the.unpacked());
      long step = stored.rowStep();
      assertThat(step).isLessThanOrEqualTo(StoredMatrix.MOST_ROW_STEP);
      for (long start = 0; start < the.rows(); start += step) {
        long count = Math.min(step, the.rows() - start);
        Tensor block =
            torch.empty(new long[] {count, the.columns()}, the.unpacked().options(), null);
        stored.unpack(start, block);
        assertBitEqual("rows from " + start, block, whole.narrow(0, start, count));
      }
    }
  }

  /** Whole matrices in pieces or at once, of a view that is not contiguous, of fp16. */
  @ParameterizedTest
  @EnumSource
  void howTheMatrixLiesDoesNotMatter(BaseDType dtype) {
    Tensor matrix = Tensors.random(DType.BF16, 600, 640);
    try (StoredMatrix whole = StoredMatrix.of(dtype, matrix);
        StoredMatrix turned = StoredMatrix.of(dtype, matrix.t().contiguous().t());
        StoredMatrix other = StoredMatrix.of(dtype, matrix.to(ScalarType.Half))) {
      Tensor numbers = unpacked(whole, DType.FP32);
      assertBitEqual("turned", unpacked(turned, DType.FP32), numbers);
      assertClose("fp16", unpacked(other, DType.FP32), numbers, dtype == BaseDType.NF4 ? 1 : 1e-3);
      // 600 rows are quantised in two pieces, the last 190 alone in one.
      Tensor last = matrix.narrow(0, 410, 190);
      if (dtype != BaseDType.NF4) {
        try (StoredMatrix alone = StoredMatrix.of(dtype, last)) {
          assertBitEqual("piece", unpacked(alone, DType.FP32), numbers.narrow(0, 410, 190));
        }
      }
    }
  }

  @Test
  void bytesAreThoseOfTheFormats() {
    assertThat(BaseDType.FP32.bytes(4096, 11008)).isEqualTo(4L * 4096 * 11008);
    assertThat(BaseDType.BF16.bytes(4096, 11008)).isEqualTo(2L * 4096 * 11008);
    assertThat(BaseDType.INT8.bytes(4096, 11008)).isEqualTo(4096L * 11008 + 4 * 4096);
    // 0.5 bytes a number, 1 a block of 64, 4 for 256 blocks: 4.127 bits a number, as QLoRA says.
    long blocks = 4096L * 11008 / 64;
    assertThat(BaseDType.NF4.bytes(4096, 11008)).isEqualTo(33 * blocks + 4 * (blocks / 256) + 4);
    assertThat(BaseDType.NF4.bytes(1, 65)).isEqualTo(64 + 2 + 4 + 4);
  }

  @ParameterizedTest
  @EnumSource
  void isFoundByItsName(BaseDType dtype) {
    assertThat(BaseDType.parse(dtype.text())).isEqualTo(dtype);
  }

  @Test
  void anUnknownNameIsRefused() {
    assertThatThrownBy(() -> BaseDType.parse("int4"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot use base dtype: int4 (use fp32, bf16, int8, nf4)");
  }

  private static Tensor unpacked(StoredMatrix matrix, DType dtype) {
    Tensor all = torch.empty(new long[] {matrix.rows(), matrix.columns()}, dtype.options(), null);
    matrix.unpack(0, all);
    return all;
  }

  private static Tensor wide(Tensor codes) {
    return codes.to(ScalarType.Float);
  }
}
