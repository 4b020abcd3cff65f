package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import java.io.Serializable;

/**
 * What measures the perplexity of a table's rows.
 *
 * @param predictor the model
 * @param columns names of the columns to read
 * @param maxLength tokens that a row is cut to; 0 means as many as is usual for the model
 * @param maxTargetLength tokens that a text to write is cut to; 0 means as {@code maxLength}
 * @param batchSize rows that a task takes through the model at once
 */
public record PerplexityConfig(
    Predictor predictor, Columns columns, int maxLength, int maxTargetLength, int batchSize)
    implements Serializable {}
