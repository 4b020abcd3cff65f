package io.github.sparklorafa.cli;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.cli.DemoFiles.Letter;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.infer.Generator;
import io.github.sparklorafa.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How many letters a model answers with exactly the right ticket, every character of it.
 *
 * @param answers what it wrote to the first letters
 * @param right number of right tickets
 * @param letters number of letters
 * @param seconds that all letters took
 */
public record DemoScore(List<String> answers, int right, int letters, double seconds) {
  /** A ticket has about 30 tokens; what a base writes instead is cut here. */
  private static final int MOST_TOKENS = 40;

  /** Tokens after which an answer that is no ticket shows. */
  private static final int FIRST_TOKENS = 4;

  /**
   * Asks a model for the ticket of each letter, one after the other, on the calling thread. An
   * answer that begins wrongly is not waited for, unless it is one of the first {@code shown}.
   *
   * @param base local folder of the checkpoint
   * @param adapter local folder of an adapter
   */
  public static DemoScore of(Path base, Optional<Path> adapter, List<Letter> letters, int shown) {
    long began = System.nanoTime();
    List<String> answers = new ArrayList<>();
    int right = 0;
    try (AdaptedModel adapted = AdaptedModel.open(base, adapter, DType.FP32);
        TextTokenizer tokenizer = TextTokenizer.open(base, adapted.vocabSize())) {
      Generator generator = new Generator(adapted.causal(), tokenizer);
      for (Letter letter : letters) {
        boolean isShown = answers.size() < shown;
        if (!isShown && !letter.completion().startsWith(beginning(generator, letter))) {
          continue;
        }
        String answer = generator.complete(letter.prompt(), MOST_TOKENS);
        right += answer.strip().equals(letter.completion().strip()) ? 1 : 0;
        if (isShown) {
          answers.add(answer.strip());
        }
      }
    }
    return new DemoScore(answers, right, letters.size(), (System.nanoTime() - began) / 1e9);
  }

  private static String beginning(Generator generator, Letter letter) {
    return generator.complete(letter.prompt(), FIRST_TOKENS);
  }

  /** As {@code 187 of 200 (93.5 %)}. */
  public String text() {
    return "%d of %d (%.1f %%)".formatted(right, letters, 100.0 * right / Math.max(1, letters));
  }
}
