package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExamplesTest {

  private static final int BOS = 1;
  private static final int EOS = 2;

  private final Examples examples = Examples.limitedTo(1000, 420);

  @Test
  void aTextIsLearnedFromItsStartToItsEnd() {
    try (TextTokenizer tokenizer = TextTokenizer.open(Reference.path("tokenizer"))) {
      TokenizedRow row = examples.fromText(tokenizer, "Ada buys a red kite.");

      int[] text = tokenizer.encodeWithoutSpecialTokens("Ada buys a red kite.");
      int[] expected = join(new int[] {BOS}, text, new int[] {EOS});
      assertThat(row.example()).contains(Example.of(expected));
      assertThat(row.cut()).isZero();
      assertThat(examples.fromText(tokenizer, "a</s>").example().orElseThrow().ids())
          .as("no second end")
          .containsExactly(BOS, 68, EOS);
      assertThat(examples.fromText(tokenizer, " ").example()).contains(Example.of(BOS, 224, EOS));
    }
  }

  @Test
  void aPairIsTokenisedApartAndOnlyItsCompletionIsLearned() {
    try (TextTokenizer tokenizer = TextTokenizer.open(Reference.path("tokenizer"))) {
      String prompt = "Question: who buys a red kite? Answer:";
      TokenizedRow row = examples.fromPromptAndCompletion(tokenizer, prompt, " Ada");

      int[] context = tokenizer.encode(prompt);
      int[] answer = join(tokenizer.encodeWithoutSpecialTokens(" Ada"), new int[] {EOS});
      int[] ignored = new int[context.length];
      Arrays.fill(ignored, Example.IGNORED);
      assertThat(row.example()).contains(new Example(join(context, answer), join(ignored, answer)));
      assertThat(row.example().orElseThrow().lossTerms()).isEqualTo(answer.length);
      assertThat(examples.fromPromptAndCompletion(tokenizer, "", "a").example())
          .contains(new Example(new int[] {BOS, 68, EOS}, new int[] {-100, 68, EOS}));
    }
  }

  @Test
  void anEndThatTheTokenizerAppendsStandsOnlyAtTheEnd(@TempDir Path folder) throws IOException {
    Reference.tokenizer(folder, ExamplesTest::appendEos);
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      assertThat(tokenizer.encode("a")).containsExactly(BOS, 68, EOS);
      assertThat(tokenizer.encodePrompt("a")).containsExactly(BOS, 68);
      assertThat(examples.fromText(tokenizer, "a").example()).contains(Example.of(BOS, 68, EOS));
      assertThat(examples.fromPromptAndCompletion(tokenizer, "a", "a").example())
          .contains(new Example(new int[] {BOS, 68, 68, EOS}, new int[] {-100, -100, 68, EOS}));
    }
  }

  @Test
  void emptyTextsAreSkipped() {
    try (TextTokenizer tokenizer = TextTokenizer.open(Reference.path("tokenizer"))) {
      assertThat(
              List.of(
                  examples.fromText(tokenizer, null),
                  examples.fromText(tokenizer, ""),
                  examples.fromPromptAndCompletion(tokenizer, null, "a"),
                  examples.fromPromptAndCompletion(tokenizer, "a", null),
                  examples.fromPromptAndCompletion(tokenizer, "a", ""),
                  examples.fromInputIds(null, null, null),
                  examples.fromInputIds(List.of(), null, null),
                  examples.fromInputIds(List.of(1, 2), List.of(0, 0), null)))
          .allSatisfy(row -> assertThat(row.problem()).contains(RowProblem.EMPTY))
          .allSatisfy(row -> assertThat(row.example()).isEmpty());
    }
  }

  @Test
  void longRowsLoseTheirEnd() {
    try (TextTokenizer tokenizer = TextTokenizer.open(Reference.path("tokenizer"))) {
      Examples cut = Examples.limitedTo(3, 420);
      TokenizedRow row = cut.fromText(tokenizer, "aaaa\n\n");
      assertThat(row.example().orElseThrow().ids()).hasSize(3).startsWith(BOS);
      assertThat(row.cut()).isPositive();
      assertThat(cut.fromPromptAndCompletion(tokenizer, "a prompt of some length", "a").problem())
          .contains(RowProblem.NO_LOSS_TERM);
      assertThat(cut.fromInputIds(List.of(5, 6, 7, 8), null, null))
          .isEqualTo(TokenizedRow.of(Example.of(5, 6, 7), 1));
      assertThat(cut.fromInputIds(List.of(5, 6, 7), null, null).cut()).isZero();
    }
  }

  @Test
  void paddingIsRemovedAndLabelsFollow() {
    TokenizedRow row =
        examples.fromInputIds(
            List.of(0L, 5L, 6L, 7L, 0L), List.of(0, 1, 1, 1, 0), List.of(-100, -100, 9, 7, -100));

    assertThat(row.example()).contains(new Example(new int[] {5, 6, 7}, new int[] {-100, 9, 7}));
    assertThat(examples.fromInputIds(List.of(5, 6), List.of(1, 1), null).example())
        .contains(Example.of(5, 6));
  }

  @Test
  void tokenisedRowsWithoutALossTermKeepTheirPlaces() {
    assertThat(examples.fromInputIds(List.of(5), null, null).example()).contains(Example.of(5));
    TokenizedRow row = examples.fromInputIds(List.of(5, 6), null, List.of(5, -100));
    assertThat(row.example())
        .as("the first label is never predicted")
        .hasValueSatisfying(example -> assertThat(example.lossTerms()).isZero());
    assertThat(row.problem()).contains(RowProblem.NOTHING_LEARNED);
  }

  @Test
  void impossibleLimitsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Examples.limitedTo(1, 420))
        .withMessageContaining("max length 1");
    assertThatIllegalArgumentException().isThrownBy(() -> Examples.limitedTo(2, 0));
  }

  private static void appendEos(ObjectNode tokenizer) {
    ObjectNode processor = (ObjectNode) tokenizer.get("post_processor");
    processor
        .withArray("single")
        .addObject()
        .putObject("SpecialToken")
        .put("id", "</s>")
        .put("type_id", 0);
    ObjectNode token = processor.withObject("/special_tokens").putObject("</s>");
    token.put("id", "</s>").putArray("ids").add(EOS);
    token.putArray("tokens").add("</s>");
  }

  private static int[] join(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
  }
}
