package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.tensor.DType;
import java.io.Serializable;

/**
 * What measures the perplexity of a table's rows.
 *
 * @param model folder of the base checkpoint
 * @param adapter folder of an adapter; empty means none
 * @param dtype number format of weights and activations
 * @param columns names of the columns to read
 * @param maxLength tokens that a row is cut to; 0 means as many as is usual for the model
 * @param maxTargetLength tokens that a text to write is cut to; 0 means as {@code maxLength}
 * @param batchSize rows that a task takes through the model at once
 */
public record PerplexityConfig(
    String model,
    String adapter,
    DType dtype,
    Columns columns,
    int maxLength,
    int maxTargetLength,
    int batchSize)
    implements Serializable {
  /**
   * The same by the name of the number format.
   *
   * @throws IllegalArgumentException if there is no such format
   */
  public PerplexityConfig(
      String model,
      String adapter,
      String dtype,
      Columns columns,
      int maxLength,
      int maxTargetLength,
      int batchSize) {
    this(model, adapter, DType.parse(dtype), columns, maxLength, maxTargetLength, batchSize);
  }
}
