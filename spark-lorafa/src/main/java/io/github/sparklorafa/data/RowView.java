package io.github.sparklorafa.data;

/** What becomes of an example each time that it is read; used by any number of threads. */
@FunctionalInterface
public interface RowView {

  /** Examples as they are stored. */
  RowView PLAIN = (example, document, step) -> example;

  /**
   * The example as it is trained on in a step: a pure function of the arguments.
   *
   * @param document a number that tells the example from all others of the data
   * @param step from 0
   */
  Example of(Example example, long document, long step);
}
