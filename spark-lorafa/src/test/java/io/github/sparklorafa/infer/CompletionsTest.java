package io.github.sparklorafa.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.InScope;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.Prompts;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.infer.Completions.Completed;
import io.github.sparklorafa.infer.Completions.Prompt;
import io.github.sparklorafa.infer.GenerationReference.Greedy;
import io.github.sparklorafa.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(InScope.class)
class CompletionsTest {
  private static final int VOCABULARY = 97;

  /** Neither has a space nor letters that the tokenizer would join. */
  private static final List<String> PROMPTS =
      List.of("\"", "'Y9U", "JQXZ", "!", "8[]8", "Z", "#Q7");

  @TempDir Path base;
  private AdaptedModel adapted;
  private TextTokenizer tokenizer;

  @BeforeEach
  void open() throws IOException {
    GenerationReference.layOut(base);
    adapted = AdaptedModel.open(base, Optional.empty(), DType.FP32);
    tokenizer = TextTokenizer.open(base);
  }

  @AfterEach
  void close() {
    tokenizer.close();
    adapted.close();
  }

  /** Prompts of four lengths in batches of one to four: some end while others go on. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void writesWhatTransformersWrites(int batchSize) {
    for (double penalty : new double[] {1, 1.3}) {
      List<Greedy> cases =
          GenerationReference.greedy().stream()
              .filter(greedy -> greedy.repetitionPenalty() == penalty)
              .toList();
      List<String> prompts =
          cases.stream()
              .map(c -> tokenizer.decodeWithSpecialTokens(withoutBos(c.prompt())))
              .toList();
      GenerationConfig config = new GenerationConfig(40, 0, 0, 1, penalty, List.of(), 0);

      List<Completion> written = complete(config, batchSize, prompts);

      for (int i = 0; i < cases.size(); i++) {
        Greedy expected = cases.get(i);
        assertThat(written.get(i))
            .as("after %s", prompts.get(i))
            .isEqualTo(
                new Completion(
                    tokenizer.decode(expected.written()),
                    expected.written().length,
                    expected.ended() ? FinishReason.EOS : FinishReason.LENGTH));
      }
    }
  }

  @Test
  void aRowsTextDependsOnItsIndexAloneAndNotOnItsBatch() {
    GenerationConfig config = new GenerationConfig(30, 1.2, 40, 0.95, 1.1, List.of(), 42);
    List<Completion> one = complete(config, 1, PROMPTS);
    assertThat(complete(config, 3, PROMPTS)).isEqualTo(one);

    List<Completion> backwards = new ArrayList<>();
    for (int row = PROMPTS.size() - 1; row >= 0; row--) {
      backwards.add(complete(config, 1, List.of(PROMPTS.get(row)), row).get(0));
    }
    Collections.reverse(backwards);
    assertThat(backwards).isEqualTo(one);

    assertThat(complete(config, 3, PROMPTS, 100)).isNotEqualTo(one);
    GenerationConfig otherSeed = new GenerationConfig(30, 1.2, 40, 0.95, 1.1, List.of(), 43);
    assertThat(complete(otherSeed, 3, PROMPTS)).isNotEqualTo(one);
  }

  @Test
  void equalPromptsOfOtherRowsGetOtherTexts() {
    GenerationConfig config = new GenerationConfig(20, 1, 0, 1, 1, List.of(), 7);
    List<Completion> texts = complete(config, 4, Collections.nCopies(8, "'Y9U"));
    assertThat(texts.stream().distinct().count()).isGreaterThan(5);
  }

  @Test
  void aStopStringEndsTheTextWhereverItsTokensMeet() {
    String whole = complete(GenerationConfig.greedy(40), 1, List.of("\"")).get(0).text();
    assertThat(whole).startsWith("'5R5558'");
    List<String> stop = List.of("never", "558", "R55");
    List<Completion> texts =
        complete(GenerationConfig.greedy(40).withStop(stop), 2, List.of("\"", "'Y9U"));
    assertThat(texts.get(0)).isEqualTo(new Completion("'5", 5, FinishReason.STOP));
    assertThat(texts.get(1).finishReason()).isEqualTo(FinishReason.EOS);
  }

  @Test
  void passesOverWhatHasNoPromptAndKeepsTheOrder() {
    List<String> prompts = Arrays.asList(null, "\"", "", "Z".repeat(128), "!", null);
    List<Completion> texts = complete(GenerationConfig.greedy(4), 2, prompts);
    assertThat(texts.stream().map(Completion::finishReason))
        .containsExactly(
            FinishReason.EMPTY_PROMPT,
            FinishReason.LENGTH,
            FinishReason.EMPTY_PROMPT,
            FinishReason.PROMPT_TOO_LONG,
            FinishReason.LENGTH,
            FinishReason.EMPTY_PROMPT);
    assertThat(texts.get(0)).isEqualTo(new Completion(null, 0, FinishReason.EMPTY_PROMPT));
  }

  @Test
  void endsWhereTheModelKnowsNoMorePositions() {
    // 124 letters after the beginning-of-sequence token leave room for 3 of 128.
    Completion text = complete(GenerationConfig.greedy(40), 1, List.of("ZQ".repeat(62))).get(0);
    assertThat(text.tokens()).isLessThanOrEqualTo(3);
  }

  @Test
  void refusesIdsOutsideTheVocabulary() {
    assertThatThrownBy(() -> complete(GenerationConfig.greedy(4), 2, List.of("!", " a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot read prompt of row 1: id 280 is outside the model's vocabulary of 97 (use the"
                + " model's own tokenizer)");
  }

  /** As the tasks of one executor do. */
  @Test
  void threadsShareAModel() throws Exception {
    GenerationConfig config = GenerationConfig.greedy(30);
    List<Completion> expected = complete(config, 3, PROMPTS);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<List<Completion>>> results = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        results.add(threads.submit(() -> complete(config, 3, PROMPTS)));
      }
      for (Future<List<Completion>> result : results) {
        assertThat(result.get()).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void leavesNothingBehind() {
    GenerationConfig config = new GenerationConfig(12, 0.9, 0, 0.9, 1.1, List.of("Q"), 1);
    complete(config, 3, PROMPTS);
    long before = Pointer.totalCount();
    for (int i = 0; i < 5; i++) {
      complete(config, 3, PROMPTS);
      try (Completions<Integer> givenUp = completions(config, 2, PROMPTS, 0)) {
        givenUp.next();
      }
    }
    assertThat(Pointer.totalCount()).isEqualTo(before);
  }

  private List<Completion> complete(GenerationConfig config, int batchSize, List<String> prompts) {
    return complete(config, batchSize, prompts, 0);
  }

  private List<Completion> complete(
      GenerationConfig config, int batchSize, List<String> prompts, long firstRow) {
    List<Completion> texts = new ArrayList<>();
    try (Completions<Integer> all = completions(config, batchSize, prompts, firstRow)) {
      while (all.hasNext()) {
        Completed<Integer> completed = all.next();
        assertThat(completed.input()).as("order").isEqualTo(texts.size());
        texts.add(completed.completion());
      }
    }
    return texts;
  }

  private Completions<Integer> completions(
      GenerationConfig config, int batchSize, List<String> prompts, long firstRow) {
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < prompts.size(); row++) {
      rows.add(row);
    }
    return new Completions<>(
        new Completions.Source(adapted.causal(), tokenizer, VOCABULARY, 128),
        config,
        batchSize,
        rows.iterator(),
        row ->
            new Prompt(
                Prompts.of(LabelKind.NEXT_TOKENS).fromText(tokenizer, prompts.get(row)),
                firstRow + row));
  }

  private static int[] withoutBos(int[] prompt) {
    return Arrays.copyOfRange(prompt, 1, prompt.length);
  }
}
