package io.github.sparklorafa.infer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.LabelKind;
import org.junit.jupiter.api.Test;

class AnswerTest {
  private static void assertAnswer(Example row, int[] prompt, int[] expected) {
    Answer answer = Answer.of(row).orElseThrow();
    assertThat(answer.prompt()).isEqualTo(prompt);
    assertThat(answer.expected()).isEqualTo(expected);
    assertThat(AnswerScores.answerLength(row)).isEqualTo(expected.length);
  }

  @Test
  void isTheCompletionOfAPrompt() {
    assertAnswer(
        new Example(new int[] {1, 5, 6, 7, 2}, new int[] {-100, -100, -100, 7, 2}),
        new int[] {1, 5, 6},
        new int[] {7, 2});
  }

  @Test
  void isTheLastTurnOfAChat() {
    assertAnswer(
        new Example(
            new int[] {1, 5, 6, 7, 8, 9, 3, 4}, new int[] {-100, 5, 6, -100, -100, 9, 3, -100}),
        new int[] {1, 5, 6, 7, 8},
        new int[] {9, 3});
  }

  @Test
  void isTheTargetOfATranslation() {
    assertAnswer(
        new Example(new int[] {5, 6}, new int[] {-100, 8, 9, 2, -100}, LabelKind.WRITTEN),
        new int[] {5, 6},
        new int[] {8, 9, 2});
  }

  @Test
  void isMissingWhereNothingIsAskedOrLearned() {
    assertThat(Answer.of(Example.of(1, 2, 3))).isEmpty();
    assertThat(Answer.of(new Example(new int[] {1, 2}, new int[] {-100, -100}))).isEmpty();
    assertThat(Answer.of(Example.withNumbers(new int[] {1, 2}, 1))).isEmpty();
  }
}
