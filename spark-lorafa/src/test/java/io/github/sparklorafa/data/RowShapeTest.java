package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.sparklorafa.data.RowShape.Column;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowShapeTest {

  private static final String WAY_OUT =
      "] (name columns with --text-column and the like, or select and rename them so that there is"
          + " input_ids array<int> with optional attention_mask, token_type_ids and labels, or text string, or"
          + " prompt string and completion string, or messages"
          + " array<struct<role:string,content:string>>, or instruction string and output string with"
          + " optional input)";

  @Test
  void tokenIdsWinOverText() {
    RowShape shape = shape("text", "string", "labels", "array<bigint>", "input_ids", "array<int>");

    List<String> read = List.of("input_ids", "labels");
    assertThat(shape).isEqualTo(new RowShape(RowSource.INPUT_IDS, read, read));
    assertThat(shape.needsTokenizer()).isFalse();
    assertThat(shape.has(RowShape.LABELS)).isTrue();
    assertThat(shape.has(RowShape.ATTENTION_MASK)).isFalse();
    assertThat(shape("input_ids", "array<bigint>", "attention_mask", "array<tinyint>").columns())
        .containsExactly("input_ids", "attention_mask");
  }

  @Test
  void textAndPairsAreFoundAmongOtherColumns() {
    assertThat(shape("id", "bigint", "text", "varchar(80)"))
        .isEqualTo(new RowShape(RowSource.TEXT_ALONE, List.of("text"), List.of("text")));
    RowShape pair = shape("completion", "string", "n", "int", "prompt", "string");
    List<String> read = List.of("prompt", "completion");
    assertThat(pair).isEqualTo(new RowShape(RowSource.PROMPT_AND_COMPLETION, read, read));
    assertThat(pair.needsTokenizer()).isTrue();
    assertThat(shape("prompt", "string", "text", "string").source())
        .isEqualTo(RowSource.TEXT_ALONE);
  }

  @Test
  void namedColumnsAreRead() {
    List<Column> columns =
        columns(
            "input_ids",
            "array<int>",
            "text",
            "string",
            "instruction",
            "string",
            "output",
            "string",
            "tokens",
            "array<int>",
            "targets",
            "array<int>");

    assertThat(RowShape.of(columns, Columns.USUAL.withText("output")))
        .isEqualTo(new RowShape(RowSource.TEXT_ALONE, List.of("text"), List.of("output")));
    assertThat(
            RowShape.of(columns, Columns.USUAL.withPrompt("instruction").withCompletion("output")))
        .isEqualTo(
            new RowShape(
                RowSource.PROMPT_AND_COMPLETION,
                List.of("prompt", "completion"),
                List.of("instruction", "output")));
    assertThat(RowShape.of(columns, Columns.USUAL.withLabels("targets")).columns())
        .containsExactly("input_ids", "targets");
    assertThat(RowShape.of(columns, Columns.USUAL.withInputIds("tokens")).columns())
        .containsExactly("tokens");
    assertThat(RowShape.of(columns, Columns.USUAL.withText("text")).columns())
        .as("a usual name that is given decides too")
        .containsExactly("text");
  }

  @Test
  void namedColumnsThatAreNotThereAreRefused() {
    assertRefused(
        columns("prompt", "string"),
        Columns.USUAL.withPrompt("ask").withCompletion("say"),
        "there is no ask; there is no say; its columns are [prompt string");
    assertRefused(
        columns("input_ids", "array<int>"),
        Columns.USUAL.withAttentionMask("mask"),
        "there is no mask; its columns are [input_ids array<int>");
    assertRefused(
        columns("a", "string", "b", "array<int>"),
        Columns.USUAL.withText("a").withInputIds("b"),
        "columns for input_ids and for text are named, which are read in different ways; its"
            + " columns are [a string, b array<int>");
  }

  @Test
  void missingColumnsAreRefused() {
    assertRefused(
        columns("Text", "string", "n", "int"),
        "none of the columns that training reads is there; its columns are [Text string, n int");
    assertRefused(
        columns("prompt", "string"), "there is no completion; its columns are [prompt string");
    assertRefused(
        columns("completion", "string"), "there is no prompt; its columns are [completion string");
    assertRefused(List.of(), LabelKind.NEXT_TOKENS, "it is empty, without a column or a row");
  }

  @Test
  void ambiguousColumnsAreRefused() {
    assertRefused(
        columns("prompt", "string", "completion", "string", "text", "string"),
        "both text and prompt and completion are there; its columns are [prompt string,"
            + " completion string, text string");
  }

  @Test
  void duplicateColumnsAreRefused() {
    assertRefused(
        columns("text", "string", "text", "string"),
        "text is there 2 times; its columns are [text string, text string");
    assertRefused(
        columns("input_ids", "array<int>", "Labels", "array<int>", "labels", "array<int>"),
        "labels is there 2 times; its columns are [input_ids array<int>, Labels array<int>, labels"
            + " array<int>");
    assertThat(shape("text", "string", "n", "int", "n", "int").columns())
        .as("others may be there as often as they like")
        .containsExactly("text");
  }

  @Test
  void allWrongTypesAreNamedAtOnce() {
    assertRefused(
        columns("input_ids", "string", "labels", "array<double>"),
        "input_ids is string, not array<int>; labels is array<double>, not array<int>; its columns"
            + " are [input_ids string, labels array<double>");
    assertRefused(
        columns("text", "array<string>"),
        "text is array<string>, not string; its columns are [text array<string>");
  }

  @Test
  void whatIsSaidAboutARowIsANumberOrSome() {
    RowShape shape =
        RowShape.of(
            columns("label", "bigint", "text", "string", "text_pair", "string", "labels2", "int"),
            Columns.USUAL,
            LabelKind.NUMBERS);
    List<String> read = List.of("text", "label", "text_pair");
    assertThat(shape).isEqualTo(new RowShape(RowSource.LABELLED_TEXT, read, read));

    RowShape ids =
        RowShape.of(
            columns("input_ids", "array<int>", "labels", "array<float>", "text", "string"),
            Columns.USUAL,
            LabelKind.NUMBERS);
    assertThat(ids)
        .isEqualTo(
            new RowShape(
                RowSource.LABELLED_IDS,
                List.of("input_ids", "label"),
                List.of("input_ids", "labels")));
    assertThat(
            RowShape.of(
                    columns("text", "string", "label", "int", "stars", "decimal(3,1)"),
                    Columns.USUAL.with(RowShape.LABEL, "stars"),
                    LabelKind.NUMBERS)
                .columns())
        .containsExactly("text", "stars");
    for (String type : List.of("boolean", "double", "array<double>", "array<boolean>")) {
      assertThat(
              RowShape.of(
                      columns("text", "string", "labels", type), Columns.USUAL, LabelKind.NUMBERS)
                  .columns())
          .containsExactly("text", "labels");
    }
  }

  @Test
  void labelsThatAreNoNumbersAreRefused() {
    assertRefused(
        columns("text", "string", "label", "string"),
        LabelKind.NUMBERS,
        "label is string, not a number (number the classes from 0; Spark ML's"
            + " LoraFaSequenceClassifier does so itself); its columns are");
    assertRefused(
        columns("text", "string", "label", "date"),
        LabelKind.NUMBERS,
        "label is date, not a number or an array of numbers; its columns are");
    assertRefused(
        columns("text", "string", "label", "int", "labels", "int"),
        LabelKind.NUMBERS,
        "both label and labels are there; its columns are");
    assertRefused(
        columns("text", "string"), LabelKind.NUMBERS, "there is no label; its columns are");
  }

  @Test
  void aTextIsWrittenForAText() {
    List<String> read = List.of("prompt", "completion");
    assertThat(
            RowShape.of(
                columns("prompt", "string", "completion", "string", "text", "string"),
                Columns.USUAL,
                LabelKind.WRITTEN))
        .as("nothing is written for a text alone")
        .isEqualTo(new RowShape(RowSource.PROMPT_AND_COMPLETION, read, read));
    List<String> ids = List.of("input_ids", "labels", "attention_mask");
    assertThat(
            RowShape.of(
                columns(
                    "attention_mask",
                    "array<int>",
                    "labels",
                    "array<int>",
                    "input_ids",
                    "array<int>"),
                Columns.USUAL,
                LabelKind.WRITTEN))
        .isEqualTo(new RowShape(RowSource.SOURCE_IDS, ids, ids));
    assertRefused(
        columns("input_ids", "array<int>"),
        LabelKind.WRITTEN,
        "there is no labels; its columns are");
    assertRefused(
        columns("text", "string"),
        LabelKind.WRITTEN,
        "none of the columns that training reads is there; its columns are");
  }

  @Test
  void instructionsAreFound() {
    assertThat(shape("output", "string", "input", "string", "instruction", "string").columns())
        .containsExactly("instruction", "output", "input");
    assertThat(shape("output", "string", "instruction", "string").source())
        .isEqualTo(RowSource.INSTRUCTION_AND_OUTPUT);
    assertRefused(
        columns("output", "string", "instruction", "string", "text", "string"),
        "both text and instruction and output are there; its columns are [output string,"
            + " instruction string, text string");
  }

  @Test
  void whatIsAnsweredIsWhatTrainingReadsBeforeTheAnswer() {
    String talk = "array<struct<role:string,content:string>>";
    assertThat(toAnswer("prompt", "string", "text", "string"))
        .isEqualTo(
            new RowShape(RowSource.PROMPT_AND_COMPLETION, List.of("prompt"), List.of("prompt")));
    assertThat(toAnswer("messages", talk, "input_ids", "array<int>"))
        .isEqualTo(new RowShape(RowSource.CHAT, List.of("messages"), List.of("messages")));
    assertThat(toAnswer("instruction", "string", "output", "int").columns())
        .as("without an input, and an output of whatever type, which is not read")
        .containsExactly("instruction");
    assertThat(toAnswer("input", "string", "instruction", "string").columns())
        .containsExactly("instruction", "input");
    assertThat(toAnswer("prompt", "string", "messages", talk).source())
        .as("training has no use for a prompt without a completion")
        .isEqualTo(RowSource.CHAT);
    assertThat(toAnswer("prompt", "string", "instruction", "string", "output", "string").source())
        .isEqualTo(RowSource.INSTRUCTION_AND_OUTPUT);
  }

  @Test
  void namedColumnsAreAnswered() {
    List<Column> columns =
        columns(
            "prompt",
            "string",
            "completion",
            "string",
            "ask",
            "string",
            "talk",
            "array<map<string,string>>");
    assertThat(toAnswer(columns, Columns.USUAL.withPrompt("ask")).columns()).containsExactly("ask");
    assertThat(toAnswer(columns, Columns.USUAL.with(RowShape.MESSAGES, "talk")).source())
        .isEqualTo(RowSource.CHAT);
    assertThat(
            toAnswer(
                    columns,
                    Columns.USUAL
                        .with(RowShape.INSTRUCTION, "ask")
                        .with(RowShape.INPUT, "prompt")
                        .with(RowShape.OUTPUT, "not there"))
                .columns())
        .containsExactly("ask", "prompt");
    assertThat(toAnswer(columns, Columns.USUAL.withText("ask").withCompletion("x")).columns())
        .as("nothing is answered of a text")
        .containsExactly("prompt");
  }

  @Test
  void whatIsToBeAnsweredMustBeClear() {
    String talk = "array<struct<role:string,content:string>>";
    assertNotAnswered(
        Columns.USUAL,
        "both prompt and instruction are there; its columns are [instruction string, prompt string]",
        "instruction",
        "string",
        "prompt",
        "string");
    assertNotAnswered(
        Columns.USUAL,
        "both prompt and messages are there; its columns",
        "messages",
        talk,
        "prompt",
        "string",
        "completion",
        "string");
    assertNotAnswered(
        Columns.USUAL.withPrompt("a").with(RowShape.INPUT, "b"),
        "columns for prompt and for instruction are named, of which one alone is answered; its",
        "a",
        "string");
    assertNotAnswered(
        Columns.USUAL, "none of the columns that a model answers is there; its", "text", "string");
    assertNotAnswered(
        Columns.USUAL, "messages is string, not array<struct<role:", "messages", "string");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RowShape.toAnswer(
                    columns("prompt", "string"),
                    Columns.USUAL.with(RowShape.MESSAGES, "talk"),
                    LabelKind.WRITTEN))
        .withMessageContaining("a column for messages is named, which this model does not read");
  }

  private static void assertNotAnswered(Columns names, String problem, String... columns) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> toAnswer(columns(columns), names))
        .withMessageStartingWith("Cannot find what to answer: " + problem)
        .withMessageEndingWith(
            "] (name columns with --prompt-column and the like, or select and rename them so that"
                + " there is prompt string, or messages array<struct<role:string,content:string>>,"
                + " or instruction string with optional input)");
  }

  private static RowShape toAnswer(String... namesAndTypes) {
    return toAnswer(columns(namesAndTypes), Columns.USUAL);
  }

  private static RowShape toAnswer(List<Column> columns, Columns names) {
    return RowShape.toAnswer(columns, names, LabelKind.NEXT_TOKENS);
  }

  @Test
  void namesThatATaskDoesNotReadAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                RowShape.of(
                    columns("text", "string"),
                    Columns.USUAL.with(RowShape.TEXT_PAIR, "other"),
                    LabelKind.SAME_TOKENS))
        .withMessageContaining("a column for text_pair is named, which this task does not read");
  }

  private static void assertRefused(List<Column> columns, LabelKind kind, String problem) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowShape.of(columns, Columns.USUAL, kind))
        .withMessageStartingWith("Cannot read the dataset: " + problem);
  }

  private static void assertRefused(List<Column> columns, String problem) {
    assertRefused(columns, Columns.USUAL, problem);
  }

  private static void assertRefused(List<Column> columns, Columns names, String problem) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowShape.of(columns, names))
        .withMessage("Cannot read the dataset: " + problem + WAY_OUT);
  }

  private static RowShape shape(String... namesAndTypes) {
    return RowShape.of(columns(namesAndTypes), Columns.USUAL);
  }

  private static List<Column> columns(String... namesAndTypes) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < namesAndTypes.length; i += 2) {
      columns.add(new Column(namesAndTypes[i], namesAndTypes[i + 1]));
    }
    return columns;
  }
}
