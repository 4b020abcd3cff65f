package io.github.sparklorafa.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Hides tokens for masked language modelling, as BERT does (Devlin et al., 2019) and anew each time
 * that a row is read, as RoBERTa does (Liu et al., 2019).
 *
 * <p>Each token that is not special is chosen with a probability, by itself. Of those chosen 80 %
 * become the mask token, 10 % a random token that is not special, and 10 % stay; the loss is on the
 * chosen ones alone. Only examples of {@link LabelKind#SAME_TOKENS} whose labels are their ids are
 * changed: where the data has labels of its own, they stand.
 *
 * <p>Which tokens are chosen depends on the seed, the document and the step alone, not on workers,
 * micro-batches or threads. In 64-bit arithmetic, with {@code mix} and {@code G} as in {@link
 * BatchOrder}, {@code uniform(z)} the number {@code (z >>> 11) / 2⁵³} and {@code plain} the ids
 * that are not special, rising:
 *
 * <pre>{@code
 * key = mix(mix(mix(seed + G) + document) + (step + 1) * G)
 * for position = 0 ..:
 *   first  = mix(key + (position + 1) * G)
 *   second = mix(first + G)
 *   if ids[position] is not special and uniform(first) < probability:
 *     label[position] = ids[position]
 *     if uniform(second) < 0.8:      ids[position] = mask
 *     else if uniform(second) < 0.9: ids[position] = plain[mix(second + G) mod |plain|]  (unsigned)
 *   else:
 *     label[position] = -100
 * }</pre>
 */
public final class TokenMasking implements RowView {
  private static final double MASKED = 0.8;
  private static final double MASKED_OR_RANDOM = 0.9;
  private static final double UNIT = 0x1p-53;

  private final double probability;
  private final long seed;
  private final int mask;
  private final boolean[] special;
  private final int[] plain;

  private TokenMasking(
      double probability, long seed, int mask, int vocabSize, Collection<Integer> specials) {
    this.probability = probability;
    this.seed = seed;
    this.mask = mask;
    this.special = new boolean[vocabSize];
    specials.forEach(id -> special[id] = true);
    this.plain = IntStream.range(0, vocabSize).filter(id -> !special[id]).toArray();
  }

  /**
   * With the special tokens of a checkpoint's tokenizer: those that its files name as beginning,
   * end, unknown, separator, padding, class or mask token or as additional ones, and the added
   * tokens that {@code tokenizer.json} calls special.
   *
   * @param folder local folder with {@code tokenizer.json}, also where the data is token ids
   * @param probability that a token is chosen, above 0 and below 1
   * @throws IllegalArgumentException if there is no tokenizer, or it has no mask token
   */
  public static TokenMasking open(Path folder, double probability, long seed) {
    TokenizerFiles files = TokenizerFiles.read(folder);
    int mask =
        files
            .mask()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        ("Cannot hide tokens: the tokenizer in %s has no mask token (use a checkpoint"
                                + " that was trained on masked tokens, such as RoBERTa or BERT, or"
                                + " name mask_token in tokenizer_config.json)")
                            .formatted(folder)));
    return of(probability, seed, mask, files.vocabSize(), files.specials());
  }

  /** With these special tokens, to which the mask token need not belong. */
  static TokenMasking of(
      double probability, long seed, int mask, int vocabSize, Collection<Integer> specials) {
    TreeSet<Integer> all = new TreeSet<>(specials);
    all.add(mask);
    return new TokenMasking(probability, seed, mask, vocabSize, all);
  }

  @Override
  public Example of(Example example, long document, long step) {
    int[] given = example.ids();
    if (example.kind() != LabelKind.SAME_TOKENS || !Arrays.equals(given, example.labels())) {
      return example;
    }
    long key =
        Mix64.mix(Mix64.mix(Mix64.mix(seed + Mix64.GOLDEN) + document) + (step + 1) * Mix64.GOLDEN);
    int[] ids = given.clone();
    int[] labels = new int[ids.length];
    Arrays.fill(labels, Example.IGNORED);
    for (int i = 0; i < ids.length; i++) {
      long first = Mix64.mix(key + (i + 1) * Mix64.GOLDEN);
      if (!isSpecial(given[i]) && uniform(first) < probability) {
        labels[i] = given[i];
        ids[i] = hidden(given[i], Mix64.mix(first + Mix64.GOLDEN));
      }
    }
    return new Example(ids, labels, example.kind(), example.second());
  }

  /** An embedding beyond the tokenizer's ids stands for no word. */
  private boolean isSpecial(int id) {
    return id >= special.length || special[id];
  }

  private int hidden(int id, long draw) {
    if (uniform(draw) < MASKED) {
      return mask;
    }
    return uniform(draw) < MASKED_OR_RANDOM && plain.length > 0
        ? plain[(int) Long.remainderUnsigned(Mix64.mix(draw + Mix64.GOLDEN), plain.length)]
        : id;
  }

  private static double uniform(long bits) {
    return (bits >>> 11) * UNIT;
  }
}
