package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import java.io.Serializable;

/**
 * The model that predicts, and in which numbers.
 *
 * @param model folder of the base checkpoint
 * @param adapter folder of an adapter; empty means none
 * @param dtype number format of weights and activations
 * @param baseDtype how the base's weights of linear layers are held, but those that the adapter
 *     saved
 */
public record Predictor(String model, String adapter, DType dtype, BaseDType baseDtype)
    implements Serializable {
  /** One whose weights are all in the numbers that are computed with. */
  public Predictor(String model, String adapter, DType dtype) {
    this(model, adapter, dtype, BaseDType.of(dtype));
  }

  /** A checkpoint as it is, in fp32. */
  public static Predictor of(String model) {
    return new Predictor(model, "", DType.FP32);
  }

  /**
   * One by the names of the number formats.
   *
   * @param baseDtype empty for that of {@code dtype}
   * @throws IllegalArgumentException if there are no such formats
   */
  public static Predictor of(String model, String adapter, String dtype, String baseDtype) {
    DType numbers = DType.parse(dtype);
    return new Predictor(
        model,
        adapter,
        numbers,
        baseDtype.isEmpty() ? BaseDType.of(numbers) : BaseDType.parse(baseDtype));
  }

  /** The same with an adapter. */
  public Predictor withAdapter(String folder) {
    return new Predictor(model, folder, dtype, baseDtype);
  }

  /** The same with the base's weights held so. */
  public Predictor withBase(BaseDType held) {
    return new Predictor(model, adapter, dtype, held);
  }
}
