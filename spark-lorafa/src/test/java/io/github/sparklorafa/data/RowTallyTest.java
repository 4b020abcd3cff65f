package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class RowTallyTest {

  private static final TokenizedRow EMPTY = TokenizedRow.of(RowProblem.EMPTY, "text is null");
  private static final TokenizedRow WHOLE = TokenizedRow.of(Example.of(1, 2), 0);
  private static final TokenizedRow CUT = TokenizedRow.of(Example.of(3, 4), 7);

  @Test
  void countsRowsAndKeepsTheFirstOfEachProblem() {
    RowTally tally = new RowTally();
    assertThat(tally.take(0, WHOLE)).contains(Example.of(1, 2));
    assertThat(tally.sentences()).isEmpty();
    assertThat(tally.take(1, CUT)).contains(Example.of(3, 4));
    assertThat(tally.take(2, EMPTY)).isEmpty();
    assertThat(tally.take(3, EMPTY)).isEmpty();
    assertThat(tally.take(4, TokenizedRow.of(RowProblem.NO_LOSS_TERM, "one token"))).isEmpty();

    assertThat(tally.used()).isEqualTo(2);
    assertThat(tally.cut()).isEqualTo(1);
    assertThat(tally.skipped()).isEqualTo(3);
    assertThat(tally.count(RowProblem.EMPTY)).isEqualTo(2);
    assertThat(tally.sentences())
        .containsExactly(
            "Skipped 2 rows empty, the first is row 2: text is null",
            "Skipped 1 row without a loss term, the first is row 4: one token",
            "Cut 1 row to the maximum length");
  }

  @Test
  void talliesOfTasksAreJoined() {
    RowTally one = new RowTally();
    one.take(17, EMPTY);
    one.take(18, WHOLE);
    RowTally other = new RowTally();
    other.take(5, TokenizedRow.of(RowProblem.EMPTY, "the \"first\""));
    other.take(6, CUT);

    one.add(RowTally.fromJson(other.toJson()));

    assertThat(one.used()).isEqualTo(2);
    assertThat(one.sentences())
        .containsExactly(
            "Skipped 2 rows empty, the first is row 5: the \"first\"",
            "Cut 1 row to the maximum length");
    assertThat(RowTally.fromJson(one.toJson()).toJson()).isEqualTo(one.toJson());
    assertThatIllegalArgumentException().isThrownBy(() -> RowTally.fromJson("{}"));
  }

  @Test
  void wrongRowsAreCountedAndRefusedTogether() {
    RowTally tally = new RowTally();
    tally.take(0, WHOLE);
    tally.check();
    tally.take(12, TokenizedRow.of(RowProblem.OUTSIDE_VOCABULARY, "input_ids has 9 (way out)"));
    tally.take(13, TokenizedRow.of(RowProblem.MALFORMED, "input_ids null (another)"));
    RowTally other = new RowTally();
    other.take(7, TokenizedRow.of(RowProblem.OUTSIDE_VOCABULARY, "input_ids has 8 (way out)"));
    tally.add(RowTally.fromJson(other.toJson()));

    assertThat(tally.wrong()).isEqualTo(3);
    assertThatIllegalArgumentException()
        .isThrownBy(tally::check)
        .withMessage(
            "Cannot train on 2 rows with ids outside the vocabulary, the first is row 7: input_ids"
                + " has 8 (way out)\n"
                + "Cannot train on 1 row malformed, the first is row 13: input_ids null (another)");
    assertThatIllegalArgumentException()
        .isThrownBy(tally::checkToEvaluate)
        .withMessageStartingWith(
            "Cannot evaluate on 2 rows with ids outside the vocabulary, the first is row 7 of the"
                + " evaluation set: input_ids has 8 (way out)\n");
  }
}
