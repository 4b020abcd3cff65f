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
 * @param partitions tasks; 0 means so many that each slot gets some
 */
public record PerplexityConfig(
    String model, String adapter, DType dtype, Columns columns, int maxLength, int partitions)
    implements Serializable {}
