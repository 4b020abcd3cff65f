package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.nn.KeyValueCache;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/** A prompt and what has been written after it so far, one token chosen after the other. */
final class Sequence implements Writing {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final GenerationConfig config;
  private final TextTokenizer tokenizer;
  private final KeyValueCache cache;
  private final int promptLength;
  private final int longest;
  private final BitSet seen = new BitSet();
  private final SplittableRandom random;
  private int[] ids;
  private int length;
  private Completion completion;

  /**
   * @param prompt at least one id, and fewer than {@code maxPositions}
   * @param row index that decides the random numbers
   * @param maxPositions tokens of prompt and text together, at most
   */
  Sequence(
      GenerationConfig config,
      TextTokenizer tokenizer,
      KeyValueCache cache,
      int[] prompt,
      long row,
      int maxPositions) {
    this.config = config;
    this.tokenizer = tokenizer;
    this.cache = cache;
    this.promptLength = prompt.length;
    this.longest = Math.min(Math.addExact(promptLength, config.maxNewTokens()), maxPositions);
    this.ids = prompt.clone();
    this.length = prompt.length;
    // Mixed first: neighbouring seeds of this generator would give overlapping streams.
    this.random =
        new SplittableRandom(new SplittableRandom(config.seed() ^ (row * GOLDEN)).nextLong());
    for (int id : prompt) {
      seen.set(id);
    }
  }

  @Override
  public int versions() {
    return 1;
  }

  /** The next ids that the model has not seen, at most {@code most}. */
  @Override
  public List<Part> pending(int most) {
    int first = (int) cache.tokens();
    int[] part = Arrays.copyOfRange(ids, first, first + Math.min(most, length - first));
    return List.of(new Part(part, cache));
  }

  /** Goes on with a token chosen from the logits, or ends, once the model has seen all. */
  @Override
  public void advance(float[][] logits, NextToken next) {
    if (cache.tokens() == length) {
      advance(logits[0], next);
    }
  }

  private void advance(float[] logits, NextToken next) {
    int id = next.choose(logits, seen, random);
    if (tokenizer.stops().contains(id)) {
      completion = new Completion(text(), length - promptLength, FinishReason.EOS);
      return;
    }
    append(id);
    if (!config.stop().isEmpty()) {
      String text = text();
      int end = firstStop(text);
      if (end >= 0) {
        completion =
            new Completion(text.substring(0, end), length - promptLength, FinishReason.STOP);
        return;
      }
    }
    if (length == longest) {
      completion = new Completion(text(), length - promptLength, FinishReason.LENGTH);
    }
  }

  private void append(int id) {
    if (length == ids.length) {
      ids = Arrays.copyOf(ids, Math.min(longest, 2 * length));
    }
    ids[length++] = id;
    seen.set(id);
  }

  /** Where the first stop string begins, over whatever tokens it may be spread; −1 for none. */
  private int firstStop(String text) {
    return config.stop().stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(-1);
  }

  @Override
  public Completion completion() {
    return completion;
  }

  @Override
  public int[] written() {
    return Arrays.copyOfRange(ids, promptLength, length);
  }

  private String text() {
    return tokenizer.decode(written());
  }

  @Override
  public void close() {
    cache.close();
  }
}
