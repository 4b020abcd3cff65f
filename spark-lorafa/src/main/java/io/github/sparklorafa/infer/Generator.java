package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.model.CausalModel;
import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.tensor.Scope;
import java.util.Arrays;
import java.util.Set;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * Continues a prompt with the likeliest token each time, until the model ends its text. Owns
 * neither model nor tokenizer. Not thread-safe.
 */
public final class Generator {
  private final CausalModel model;
  private final TextTokenizer tokenizer;
  private final Set<Integer> stops;

  /** With the tokens that {@code tokenizer} names as ends of a text. */
  public Generator(CausalModel model, TextTokenizer tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.stops = tokenizer.stops();
  }

  /** What the model writes after {@code prompt}, at most {@code maxNewTokens} tokens. */
  public String complete(String prompt, int maxNewTokens) {
    return tokenizer.decode(complete(tokenizer.encodePrompt(prompt), maxNewTokens));
  }

  /** The ids that follow {@code prompt}, without the one that ends the text. */
  public int[] complete(int[] prompt, int maxNewTokens) {
    int[] made = new int[maxNewTokens];
    try (NoGradGuard noGrad = new NoGradGuard();
        KeyValueCache cache = model.newCache()) {
      int[] next = prompt;
      for (int i = 0; i < maxNewTokens; i++) {
        int id = likeliest(next, cache);
        if (stops.contains(id)) {
          return Arrays.copyOf(made, i);
        }
        made[i] = id;
        next = new int[] {id};
      }
    }
    return made;
  }

  private int likeliest(int[] ids, KeyValueCache cache) {
    try (Scope scope = new Scope()) {
      return (int) model.nextLogits(ids, cache).argmax().item_long();
    }
  }
}
