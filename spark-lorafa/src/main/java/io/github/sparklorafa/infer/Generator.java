package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.model.CausalModel;
import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Continues a prompt with the likeliest token each time, until the model ends its text. Not
 * thread-safe.
 */
public final class Generator implements AutoCloseable {
  private final AdaptedModel adapted;
  private final TextTokenizer tokenizer;
  private final Set<Integer> stops;

  private Generator(AdaptedModel adapted, TextTokenizer tokenizer) {
    this.adapted = adapted;
    this.tokenizer = tokenizer;
    this.stops = tokenizer.stops();
  }

  /**
   * Reads a base with its tokenizer, and an adapter, from local folders.
   *
   * @throws IllegalArgumentException if a file is missing or damaged, or the adapter does not fit
   *     the base
   */
  public static Generator open(Path base, Optional<Path> adapter, DType dtype) {
    AdaptedModel adapted = AdaptedModel.open(base, adapter, dtype);
    try {
      return new Generator(adapted, TextTokenizer.open(base));
    } catch (RuntimeException e) {
      adapted.close();
      throw e;
    }
  }

  /** What the model writes after {@code prompt}, at most {@code maxNewTokens} tokens. */
  public String complete(String prompt, int maxNewTokens) {
    return tokenizer.decode(complete(tokenizer.encodePrompt(prompt), maxNewTokens));
  }

  /** The ids that follow {@code prompt}, without the one that ends the text. */
  public int[] complete(int[] prompt, int maxNewTokens) {
    CausalModel model = adapted.model();
    int[] made = new int[maxNewTokens];
    try (NoGradGuard noGrad = new NoGradGuard();
        KeyValueCache cache = model.newCache()) {
      int[] next = prompt;
      for (int i = 0; i < maxNewTokens; i++) {
        int id = likeliest(model, next, cache);
        if (stops.contains(id)) {
          return Arrays.copyOf(made, i);
        }
        made[i] = id;
        next = new int[] {id};
      }
    }
    return made;
  }

  private static int likeliest(CausalModel model, int[] ids, KeyValueCache cache) {
    try (Scope scope = new Scope()) {
      Tensor logits = model.nextLogits(ids, cache);
      return (int) logits.argmax().item_long();
    }
  }

  @Override
  public void close() {
    tokenizer.close();
    adapted.close();
  }
}
