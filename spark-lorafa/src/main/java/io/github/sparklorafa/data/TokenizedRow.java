package io.github.sparklorafa.data;

import java.util.Optional;

/**
 * What became of one row: an example, or the problem that prevented one; both if the row is of no
 * use but keeps its place.
 *
 * @param example the example, if the row gives one
 * @param problem what is wrong with the row
 * @param detail what exactly is wrong, and the way out; empty without a problem
 * @param cut number of tokens that were cut off at the maximum length
 */
public record TokenizedRow(
    Optional<Example> example, Optional<RowProblem> problem, String detail, int cut) {

  static TokenizedRow of(Example example, int cut) {
    return new TokenizedRow(Optional.of(example), Optional.empty(), "", cut);
  }

  static TokenizedRow kept(Example example, RowProblem problem, String detail, int cut) {
    return new TokenizedRow(Optional.of(example), Optional.of(problem), detail, cut);
  }

  /** The same as a pair, as far as its second text was not cut off. */
  TokenizedRow withSecond(int token) {
    return new TokenizedRow(
        example.map(whole -> whole.withSecond(Math.min(token, whole.ids().length))),
        problem,
        detail,
        cut);
  }

  static TokenizedRow of(RowProblem problem, String detail) {
    return new TokenizedRow(Optional.empty(), Optional.of(problem), detail, 0);
  }
}
