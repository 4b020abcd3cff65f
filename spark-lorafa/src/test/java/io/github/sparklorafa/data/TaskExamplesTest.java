package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparklorafa.data.NumberLabels.Type;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Examples of other tasks than to go on with a text. */
class TaskExamplesTest {

  private static final int BOS = 1;
  private static final int EOS = 2;
  private static final int VOCABULARY = 420;

  private static TextTokenizer tokenizer;

  @BeforeAll
  static void open() {
    tokenizer = TextTokenizer.open(Reference.path("tokenizer"));
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void pairsAreJoinedAndCutAsHuggingFaceDoes() {
    for (JsonNode row : Reference.json("text/pairs.json")) {
      JsonNode pair = row.get("pair");
      assertThat(
              tokenizer
                  .encoded(row.get("text").asText(), pair.isNull() ? null : pair.asText())
                  .cut(row.get("max_length").asInt())
                  .ids())
          .as(row.toString())
          .containsExactly(Reference.ints(row.get("ids")));
    }
  }

  @Test
  void aTextAndItsClass() {
    Examples examples = classes(3);
    TokenizedRow row = examples.fromLabelledText(tokenizer, "a", List.of(2L));
    assertThat(row).isEqualTo(TokenizedRow.of(numbers(new int[] {BOS, 68}, 2), 0));
    assertThat(examples.fromLabelledText(tokenizer, "a", List.of(2.0)).example())
        .isEqualTo(row.example());
    assertThat(examples.fromLabelledText(tokenizer, "a", List.of(new BigDecimal("2.0"))).example())
        .isEqualTo(row.example());
    TokenizedRow pair = examples.fromLabelledPair(tokenizer, "a", "a", List.of(0));
    assertThat(pair.example()).contains(numbers(new int[] {BOS, 68, BOS, 68}, 0));
    assertThat(examples.fromLabelledPair(tokenizer, "", "a", List.of(0)).example())
        .contains(numbers(new int[] {BOS, BOS, 68}, 0));
  }

  @Test
  void aLongTextIsCutAndKeepsItsClass() {
    Examples examples =
        Examples.of(ExampleRules.numbers(4, VOCABULARY, new NumberLabels(Type.CLASS, 2)));
    TokenizedRow row = examples.fromLabelledPair(tokenizer, "aaaaaa", "zzz", List.of(1));
    int[] first = tokenizer.encodeWithoutSpecialTokens("aaaaaa");
    int[] second = tokenizer.encodeWithoutSpecialTokens("zzz");
    assertThat(row.example().orElseThrow().ids()).containsExactly(BOS, first[0], BOS, second[0]);
    assertThat(row.cut()).isEqualTo(first.length + second.length - 2);
    assertThat(row.example().orElseThrow().lossTerms()).isEqualTo(1);
  }

  @Test
  void labelsOrNumbersOfEachRow() {
    Examples labels = number(Type.EACH_LABEL, 3);
    assertThat(
            labels
                .fromLabelledIds(List.of(5, 6), List.of(1, 0), null, List.of(1, 0, 0.5))
                .example())
        .contains(numbers(new int[] {5}, 1, 0, 0.5f));
    Examples targets = number(Type.TARGETS, 1);
    assertThat(targets.fromLabelledIds(List.of(5), null, null, List.of(-1.25)).example())
        .contains(numbers(new int[] {5}, -1.25f));
  }

  @Test
  void labelsThatATaskDoesNotHaveAreRefused() {
    assertWrong(classes(3), List.of(3), "3 is none of the 3 classes 0 to 2");
    assertWrong(classes(3), List.of(-1), "-1 is none of the 3 classes 0 to 2");
    assertWrong(classes(3), List.of(0.5), "0.5 is none of the 3 classes 0 to 2");
    assertWrong(classes(3), List.of(Double.NaN), "NaN is none of the 3 classes 0 to 2");
    assertWrong(classes(3), List.of(0, 1), "[0, 1] has 2 entries, not 1");
    assertWrong(number(Type.EACH_LABEL, 2), List.of(1), "[1] has 1 entries, not 2");
    assertWrong(number(Type.EACH_LABEL, 2), List.of(1, 2), "2 is not between 0 and 1");
    assertWrong(number(Type.EACH_LABEL, 2), Arrays.asList(1, null), "null is not between 0 and 1");
    assertWrong(number(Type.TARGETS, 1), List.of(Float.NaN), "NaN is no number to learn");
    assertWrong(number(Type.TARGETS, 1), List.of(1e300), "1.0E300 is no number to learn");
    assertThat(classes(2).fromLabelledText(tokenizer, "a", null).problem())
        .contains(RowProblem.NO_LABEL);
    assertThat(classes(2).fromLabelledText(tokenizer, "", List.of(1)).problem())
        .contains(RowProblem.EMPTY);
    assertThat(classes(2).fromLabelledPair(tokenizer, "a", null, List.of(1)).problem())
        .contains(RowProblem.EMPTY);
    assertThat(classes(2).fromLabelledIds(List.of(), null, null, List.of(1)).problem())
        .contains(RowProblem.EMPTY);
    assertThat(classes(2).fromLabelledIds(List.of(500), null, null, List.of(1)).problem())
        .contains(RowProblem.OUTSIDE_VOCABULARY);
  }

  @Test
  void wrongLabelsAreCountedAndShown() {
    RowTally tally = new RowTally();
    tally.take(0, classes(2).fromLabelledText(tokenizer, "good", List.of(1)));
    tally.take(4, classes(2).fromLabelledText(tokenizer, "what is it", List.of(7)));
    tally.take(5, classes(2).fromLabelledText(tokenizer, "what is it", List.of(8)));
    assertThatIllegalArgumentException()
        .isThrownBy(tally::check)
        .withMessage(
            "Cannot train on 2 rows with labels that the task does not have, the first is row 4:"
                + " label 7 is none of the 2 classes 0 to 1 (number the classes from 0, and set the"
                + " number of labels) of text \"what is it\"");
  }

  @Test
  void aTextIsWrittenForAText() {
    Examples examples = Examples.of(ExampleRules.written(6, 3, VOCABULARY));
    TokenizedRow row = examples.fromPromptAndCompletion(tokenizer, "a", "a");
    assertThat(row.example())
        .as("the end is added where the tokenizer adds none")
        .contains(written(new int[] {BOS, 68}, BOS, 68, EOS));
    TokenizedRow cut = examples.fromPromptAndCompletion(tokenizer, "aaaaaaaaaa\n\n\n", "a\n\n\nb");
    Example example = cut.example().orElseThrow();
    assertThat(example.ids()).hasSize(6).startsWith(BOS);
    assertThat(example.labels()).as("the end stays").containsExactly(BOS, 68, EOS);
    assertThat(cut.cut()).isPositive();
    assertThat(examples.fromPromptAndCompletion(tokenizer, "a", "").problem())
        .contains(RowProblem.EMPTY);
    assertThat(ExampleRules.written(6, 0, VOCABULARY).maxTargetLength()).isEqualTo(6);
  }

  @Test
  void idsAreWrittenForIds() {
    Examples examples = Examples.of(ExampleRules.written(4, 3, VOCABULARY));
    assertThat(
            examples.fromSourceIds(
                List.of(5, 6, 0), List.of(1, 1, 0), List.of(7, -100, 8, -100, -100)))
        .as("padding of both is left out")
        .isEqualTo(TokenizedRow.of(written(new int[] {5, 6}, 7, -100, 8), 0));
    assertThat(examples.fromSourceIds(List.of(5, 6, 7, 8, 9), null, List.of(7, 8, 9, 10)))
        .isEqualTo(TokenizedRow.of(written(new int[] {5, 6, 7, 8}, 7, 8, 9), 2));
    TokenizedRow ignored = examples.fromSourceIds(List.of(5), null, List.of(-100, -100));
    assertThat(ignored.problem()).contains(RowProblem.NOTHING_LEARNED);
    assertThat(ignored.example()).contains(written(new int[] {5}, -100));
    assertThat(examples.fromSourceIds(List.of(5), null, List.of()).problem())
        .contains(RowProblem.EMPTY);
    assertThat(examples.fromSourceIds(List.of(5), null, Arrays.asList(1, null)).problem())
        .contains(RowProblem.MALFORMED);
    assertThat(examples.fromSourceIds(List.of(5), null, List.of(1, VOCABULARY)).problem())
        .contains(RowProblem.OUTSIDE_VOCABULARY);
  }

  @Test
  void maskedTokensStandAtTheirOwnPlaces() {
    Examples examples = Examples.of(ExampleRules.sameTokens(3, VOCABULARY));
    assertThat(examples.fromText(tokenizer, "a").example())
        .as("nothing is appended")
        .contains(new Example(new int[] {BOS, 68}, new int[] {BOS, 68}, LabelKind.SAME_TOKENS));
    assertThat(examples.fromText(tokenizer, "aaaaaaaaaa\n\n\n").example().orElseThrow().ids())
        .hasSize(3);
    assertThat(examples.fromInputIds(List.of(5, 6), null, List.of(7, -100)).example())
        .contains(new Example(new int[] {5, 6}, new int[] {7, -100}, LabelKind.SAME_TOKENS));
    assertThat(examples.fromInputIds(List.of(5), null, null).problem()).isEmpty();
  }

  @Test
  void instructionsHaveAlpacasWords() {
    assertThat(Alpaca.prompt("Say {it}.", null))
        .isEqualTo(
            "Below is an instruction that describes a task. Write a response that appropriately"
                + " completes the request.\n\n### Instruction:\nSay {it}.\n\n### Response:\n")
        .isEqualTo(Alpaca.prompt("Say {it}.", ""));
    assertThat(Alpaca.prompt("Add.", "100%"))
        .isEqualTo(
            "Below is an instruction that describes a task, paired with an input that provides"
                + " further context. Write a response that appropriately completes the"
                + " request.\n\n### Instruction:\nAdd.\n\n### Input:\n100%\n\n### Response:\n");
    Examples examples = Examples.limitedTo(1000, VOCABULARY);
    assertThat(examples.fromInstruction(tokenizer, "Add.", "1", "2"))
        .isEqualTo(examples.fromPromptAndCompletion(tokenizer, Alpaca.prompt("Add.", "1"), "2"));
    assertThat(examples.fromInstruction(tokenizer, "Add.", "1", null).problem())
        .contains(RowProblem.EMPTY);
    assertThat(examples.fromInstruction(tokenizer, null, "1", "2").problem())
        .contains(RowProblem.EMPTY);
  }

  @Test
  void impossibleRulesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NumberLabels(Type.CLASS, 0))
        .withMessageContaining("0 of them");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExampleRules.written(4, -1, VOCABULARY))
        .withMessageContaining("max target length -1");
  }

  private static void assertWrong(Examples examples, List<? extends Number> label, String detail) {
    TokenizedRow row = examples.fromLabelledText(tokenizer, "a", label);
    assertThat(row.problem()).contains(RowProblem.WRONG_LABEL);
    assertThat(row.detail()).startsWith("label " + detail).endsWith(" of text \"a\"");
  }

  private static Examples classes(int count) {
    return number(Type.CLASS, count);
  }

  private static Examples number(Type type, int count) {
    return Examples.of(ExampleRules.numbers(50, VOCABULARY, new NumberLabels(type, count)));
  }

  private static Example numbers(int[] ids, float... numbers) {
    return Example.withNumbers(ids, numbers);
  }

  private static Example written(int[] ids, int... labels) {
    return new Example(ids, labels, LabelKind.WRITTEN);
  }
}
