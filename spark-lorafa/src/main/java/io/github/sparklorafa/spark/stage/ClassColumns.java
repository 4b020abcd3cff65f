package io.github.sparklorafa.spark.stage;

import java.io.Serializable;

/**
 * The columns that classification adds; an empty name adds none.
 *
 * @param raw the logits, or the numbers of a regression
 * @param probability of each label; a regression has none
 * @param prediction the class, the labels that are likelier than not, or the numbers
 * @param form of raw and probability
 */
public record ClassColumns(String raw, String probability, String prediction, Form form)
    implements Serializable {
  /** What a column of several numbers is made of. */
  public enum Form {
    /** {@code array<double>}. */
    ARRAYS,
    /** Vectors of Spark ML. */
    VECTORS
  }
}
