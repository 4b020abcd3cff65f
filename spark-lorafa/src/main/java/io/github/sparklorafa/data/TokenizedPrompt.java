package io.github.sparklorafa.data;

import java.util.Optional;

/**
 * What became of a row that is to be answered: the ids that the answer follows, or the problem that
 * there are none.
 *
 * @param text that was tokenised, which tells equal questions from others; empty if there is none
 * @param ids of the tokens; none with a problem
 * @param problem what is wrong with the row
 * @param detail what exactly is wrong; empty without a problem
 */
@SuppressWarnings("ArrayRecordComponent") // read once, and compared by nobody
public record TokenizedPrompt(String text, int[] ids, Optional<RowProblem> problem, String detail) {
  static TokenizedPrompt of(String text, int[] ids) {
    return new TokenizedPrompt(text, ids, Optional.empty(), "");
  }

  static TokenizedPrompt of(RowProblem problem, String detail) {
    return new TokenizedPrompt("", new int[0], Optional.of(problem), detail);
  }
}
