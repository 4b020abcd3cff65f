package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import java.io.Serializable;

/**
 * What classifies the rows of a table.
 *
 * @param predictor the model
 * @param columns names of the columns to read
 * @param maxLength tokens that a row is cut to; 0 means as many as is usual for the model
 * @param batchSize rows that a task takes through the model at once
 */
public record ClassifyConfig(Predictor predictor, Columns columns, int maxLength, int batchSize)
    implements Serializable {
  /** The same with rows cut to so many tokens. */
  ClassifyConfig withMaxLength(int tokens) {
    return new ClassifyConfig(predictor, columns, tokens, batchSize);
  }
}
