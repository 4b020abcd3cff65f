package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every bad row, and the whole message that tells of it. */
class BadRowsTest {

  private static final int VOCABULARY = 420;
  private static final TokenizedRow GOOD = TokenizedRow.of(Example.of(1, 2), 0);

  private static TextTokenizer tokenizer;

  @BeforeAll
  static void open() {
    tokenizer = TextTokenizer.open(Reference.path("tokenizer"));
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @ParameterizedTest
  @MethodSource
  void areSkipped(TokenizedRow row, String sentence) {
    RowTally tally = new RowTally();
    tally.take(0, GOOD);

    assertThat(tally.take(7, row)).isEmpty();
    tally.take(8, row);

    assertThat(tally.sentences()).containsExactly("Skipped 2 rows " + sentence);
    tally.check();
  }

  static Stream<Arguments> areSkipped() {
    Examples examples = Examples.limitedTo(5, VOCABULARY);
    return Stream.of(
        Arguments.of(examples.fromText(tokenizer, null), "empty, the first is row 7: text null"),
        Arguments.of(examples.fromText(tokenizer, ""), "empty, the first is row 7: text \"\""),
        Arguments.of(
            examples.fromPromptAndCompletion(tokenizer, null, "a"),
            "empty, the first is row 7: prompt null, completion \"a\""),
        Arguments.of(
            examples.fromPromptAndCompletion(tokenizer, "Say\tit:\n" + "x".repeat(50), null),
            "empty, the first is row 7: prompt \"Say\\u0009it:\\n"
                + "x".repeat(32)
                + "…\", completion null"),
        Arguments.of(
            examples.fromPromptAndCompletion(tokenizer, "a", ""),
            "empty, the first is row 7: prompt \"a\", completion \"\""),
        Arguments.of(
            examples.fromPromptAndCompletion(tokenizer, "xxxxxxxx", "a"),
            "without a loss term, the first is row 7: nothing to predict in the first 5 of its "
                + (tokenizer.encodePrompt("xxxxxxxx").length + 2)
                + " tokens: prompt \"xxxxxxxx\", completion \"a\""),
        Arguments.of(
            examples.fromInputIds(null, null, null), "empty, the first is row 7: input_ids null"),
        Arguments.of(
            examples.fromInputIds(List.of(), null, null),
            "empty, the first is row 7: input_ids []"),
        Arguments.of(
            examples.fromInputIds(List.of(1, 2), List.of(0, 0), null),
            "empty, the first is row 7: attention_mask [0, 0]"));
  }

  @Test
  void labelsAllIgnoredAreKeptAndCounted() {
    RowTally tally = new RowTally();
    tally.take(0, GOOD);
    TokenizedRow row =
        Examples.limitedTo(20, VOCABULARY)
            .fromInputIds(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9), null, Collections.nCopies(9, -100));

    assertThat(tally.take(4, row)).isPresent();

    assertThat(tally.sentences())
        .containsExactly(
            "Kept 1 row without a loss term, the first is row 4: input_ids [1, 2, 3, 4, 5, 6, 7, 8,"
                + " …], labels [-100, -100, -100, -100, -100, -100, -100, -100, …]");
    tally.check();
  }

  @ParameterizedTest
  @MethodSource
  void areRefused(TokenizedRow row, String message) {
    RowTally tally = new RowTally();
    tally.take(0, GOOD);

    assertThat(tally.take(7, row)).isEmpty();
    tally.take(8, row);

    assertThatIllegalArgumentException()
        .isThrownBy(tally::check)
        .withMessage("Cannot train on 2 rows " + message);
  }

  static Stream<Arguments> areRefused() {
    Examples examples = Examples.limitedTo(5, VOCABULARY);
    String outside = "with ids outside the vocabulary, the first is row 7: ";
    String ownTokenizer =
        "outside the model's vocabulary of 420 (tokenise with the model's own tokenizer)";
    String lengths = "with columns of different lengths, the first is row 7: ";
    String wholeIds = " (ids without nulls, a mask of 0 and 1)";
    return Stream.of(
        Arguments.of(
            examples.fromInputIds(List.of(5, 420), null, null),
            outside + "input_ids has 420 at position 1, " + ownTokenizer),
        Arguments.of(
            examples.fromInputIds(List.of(-1, 5), null, null),
            outside + "input_ids has -1 at position 0, " + ownTokenizer),
        Arguments.of(
            examples.fromInputIds(List.of(5, (1L << 32) + 5), null, null),
            outside + "input_ids has 4294967301 at position 1, " + ownTokenizer),
        Arguments.of(
            examples.fromInputIds(List.of(5, 6), null, List.of(5, -1)),
            outside + "labels has -1 at position 1, " + ownTokenizer),
        Arguments.of(
            Examples.limitedTo(10, 50).fromText(tokenizer, "a"),
            outside
                + "token ids has 68 at position 1, outside the model's vocabulary of 50 (tokenise"
                + " with the model's own tokenizer)"),
        Arguments.of(
            examples.fromInputIds(List.of(5, 6), List.of(1), null),
            lengths + "attention_mask [1] has 1 entries and input_ids 2 (give one for each token)"),
        Arguments.of(
            examples.fromInputIds(List.of(5, 6), null, List.of(5, 6, 7)),
            lengths + "labels [5, 6, 7] has 3 entries and input_ids 2 (give one for each token)"),
        Arguments.of(
            examples.fromInputIds(List.of(5, 6, 7, 8), List.of(0, 1, 0, 1), null),
            "malformed, the first is row 7: attention_mask [0, 1, 0, 1] has 0 at position 2 between"
                + " ones (mask only padding at the start and the end)"),
        Arguments.of(
            examples.fromInputIds(List.of(5, 6), List.of(1, 2), null),
            "malformed, the first is row 7: input_ids 6, attention_mask 2, label 6 at position 1"
                + wholeIds),
        Arguments.of(
            examples.fromInputIds(Arrays.asList(5, null), null, null),
            "malformed, the first is row 7: input_ids null, attention_mask 1, label null at"
                + " position 1"
                + wholeIds));
  }

  @Test
  void anEmptyTableIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(new RowTally()::check)
        .withMessage("Cannot train: the dataset has 0 rows (see that it is the one meant)");
    assertThatIllegalArgumentException()
        .isThrownBy(new RowTally()::checkToEvaluate)
        .withMessage(
            "Cannot evaluate: the evaluation set has 0 rows (see that it is the one meant, or leave"
                + " it out)");
  }

  @Test
  void aTableWithoutAUsefulRowIsRefused() {
    Examples examples = Examples.limitedTo(5, VOCABULARY);
    RowTally tally = new RowTally();
    tally.take(0, examples.fromText(tokenizer, ""));
    tally.take(1, examples.fromText(tokenizer, null));
    tally.take(2, examples.fromInputIds(List.of(5), null, null));

    assertThatIllegalArgumentException()
        .isThrownBy(tally::check)
        .withMessage(
            "Cannot train: 0 of 3 rows can be used: Skipped 2 rows empty, the first is row 0: text"
                + " \"\"; Kept 1 row without a loss term, the first is row 2: input_ids [5], labels"
                + " [5] (see that the dataset has rows with something to predict)");
    assertThatIllegalArgumentException()
        .isThrownBy(tally::checkToEvaluate)
        .withMessageStartingWith(
            "Cannot evaluate: 0 of 3 rows of the evaluation set can be used: ");
  }
}
