package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.model.AutoregressiveModel;
import java.util.List;

/**
 * Continues or answers a prompt with the likeliest token each time, until the model ends its text.
 * Owns neither model nor tokenizer. For many prompts at once see {@link Completions}.
 */
public final class Generator {
  private final AutoregressiveModel model;
  private final TextTokenizer tokenizer;

  /** With the tokens that {@code tokenizer} names as ends of a text. */
  public Generator(AutoregressiveModel model, TextTokenizer tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /** What the model writes after {@code prompt}, at most {@code maxNewTokens} tokens. */
  public String complete(String prompt, int maxNewTokens) {
    return tokenizer.decode(complete(openings(maxNewTokens).ids(prompt), maxNewTokens));
  }

  /** The ids that follow {@code prompt}, without the one that ends the text. */
  public int[] complete(int[] prompt, int maxNewTokens) {
    return complete(prompt, GenerationConfig.greedy(maxNewTokens));
  }

  /** The same, chosen as {@code config} says. */
  int[] complete(int[] prompt, GenerationConfig config) {
    Openings openings = new Openings(model, tokenizer, config, Integer.MAX_VALUE);
    List<Writing> texts = openings.begin(List.of(new Openings.Opening(prompt, 0)));
    try (Batch batch = new Batch(model, config)) {
      batch.addAll(texts);
      while (batch.size() > 0) {
        batch.step();
      }
    }
    return texts.get(0).written();
  }

  private Openings openings(int maxNewTokens) {
    return new Openings(model, tokenizer, GenerationConfig.greedy(maxNewTokens), Integer.MAX_VALUE);
  }
}
