package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.tensor.DType;
import java.io.Serializable;

/**
 * What classifies the rows of a table.
 *
 * @param model folder of the base checkpoint
 * @param adapter folder of an adapter; empty means none
 * @param dtype number format of weights and activations
 * @param columns names of the columns to read
 * @param maxLength tokens that a row is cut to; 0 means as many as is usual for the model
 * @param batchSize rows that a task takes through the model at once
 */
public record ClassifyConfig(
    String model, String adapter, DType dtype, Columns columns, int maxLength, int batchSize)
    implements Serializable {
  /**
   * The same by the name of the number format.
   *
   * @throws IllegalArgumentException if there is no such format
   */
  public ClassifyConfig(
      String model, String adapter, String dtype, Columns columns, int maxLength, int batchSize) {
    this(model, adapter, DType.parse(dtype), columns, maxLength, batchSize);
  }

  /** The same with rows cut to so many tokens. */
  ClassifyConfig withMaxLength(int tokens) {
    return new ClassifyConfig(model, adapter, dtype, columns, tokens, batchSize);
  }
}
