package io.github.sparklorafa.train;

import java.io.Serializable;
import java.util.Map;

/**
 * How the datasets are read, beside their format.
 *
 * @param options of Spark's reader of both datasets, such as a table's version
 * @param where SQL condition that a row of the training data meets; empty for all rows
 * @param evalWhere the same for the evaluation data
 */
public record Reading(Map<String, String> options, String where, String evalWhere)
    implements Serializable {
  static final Reading ALL = new Reading(Map.of(), "", "");

  /** Copies the options. */
  public Reading {
    options = Map.copyOf(options);
  }

  /** The same with other options of Spark's reader. */
  public Reading withOptions(Map<String, String> others) {
    return new Reading(others, where, evalWhere);
  }

  /** The same for rows of the training data that meet a condition, such as {@code day > '2026'}. */
  public Reading withWhere(String condition) {
    return new Reading(options, condition, evalWhere);
  }

  /** The same for the evaluation data. */
  public Reading withEvalWhere(String condition) {
    return new Reading(options, where, condition);
  }
}
