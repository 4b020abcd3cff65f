package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.model.CausalModel;

/**
 * Continues a prompt with the likeliest token each time, until the model ends its text. Owns
 * neither model nor tokenizer. For many prompts at once see {@link Completions}.
 */
public final class Generator {
  private final CausalModel model;
  private final TextTokenizer tokenizer;

  /** With the tokens that {@code tokenizer} names as ends of a text. */
  public Generator(CausalModel model, TextTokenizer tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /** What the model writes after {@code prompt}, at most {@code maxNewTokens} tokens. */
  public String complete(String prompt, int maxNewTokens) {
    return tokenizer.decode(complete(tokenizer.encodePrompt(prompt), maxNewTokens));
  }

  /** The ids that follow {@code prompt}, without the one that ends the text. */
  public int[] complete(int[] prompt, int maxNewTokens) {
    GenerationConfig config = GenerationConfig.greedy(maxNewTokens);
    Sequence sequence =
        new Sequence(config, tokenizer, model.newCache(), prompt, 0, Integer.MAX_VALUE);
    try (Batch batch = new Batch(model, config)) {
      batch.add(sequence);
      while (sequence.completion() == null) {
        batch.step();
      }
    }
    return sequence.written();
  }
}
