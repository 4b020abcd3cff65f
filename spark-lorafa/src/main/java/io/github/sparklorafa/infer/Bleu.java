package io.github.sparklorafa.infer;

import java.util.HashMap;
import java.util.Map;

/**
 * BLEU of a corpus (Papineni et al., 2002) with one reference for each text: the geometric mean of
 * the precisions of 1 to 4 words, times the brevity penalty. Equal to sacreBLEU 2 with its
 * defaults: 13a tokenisation, case kept, effective order off, and where an order has no match the
 * smoothing of mteval-v13a.pl (Chen and Cherry, 2014, method 3).
 */
final class Bleu {
  private static final int ORDERS = 4;
  private static final int MATCHES = 3;
  private static final int TOTALS = MATCHES + ORDERS;

  /** Rows, words of the texts, words of the references, matches by order, n-grams by order. */
  static final int COUNTS = TOTALS + ORDERS;

  private Bleu() {}

  static long[] count(String hypothesis, String reference) {
    String[] written = Tokenizer13a.words(hypothesis);
    String[] expected = Tokenizer13a.words(reference);
    long[] counts = new long[COUNTS];
    counts[0] = 1;
    counts[1] = written.length;
    counts[2] = expected.length;
    for (int order = 1; order <= ORDERS; order++) {
      Map<String, Integer> left = nGrams(expected, order);
      for (Map.Entry<String, Integer> nGram : nGrams(written, order).entrySet()) {
        counts[TOTALS + order - 1] += nGram.getValue();
        counts[MATCHES + order - 1] +=
            Math.min(nGram.getValue(), left.getOrDefault(nGram.getKey(), 0));
      }
    }
    return counts;
  }

  /** Words hold no white space, so that a joined n-gram stands for one list of words. */
  private static Map<String, Integer> nGrams(String[] words, int order) {
    Map<String, Integer> counts = new HashMap<>();
    for (int from = 0; from + order <= words.length; from++) {
      StringBuilder nGram = new StringBuilder(words[from]);
      for (int i = 1; i < order; i++) {
        nGram.append(' ').append(words[from + i]);
      }
      counts.merge(nGram.toString(), 1, Integer::sum);
    }
    return counts;
  }

  static double score(long[] sums) {
    if (sums[0] == 0) {
      return Double.NaN;
    }
    double logs = 0;
    double smoothing = 1;
    long matches = 0;
    for (int order = 0; order < ORDERS; order++) {
      matches += sums[MATCHES + order];
      if (sums[TOTALS + order] == 0) {
        return 0;
      }
      if (sums[MATCHES + order] == 0) {
        smoothing *= 2;
        logs += Math.log(100 / (smoothing * sums[TOTALS + order]));
      } else {
        logs += Math.log(100.0 * sums[MATCHES + order] / sums[TOTALS + order]);
      }
    }
    return matches == 0 ? 0 : brevity(sums[1], sums[2]) * Math.exp(logs / ORDERS);
  }

  private static double brevity(double written, double expected) {
    return written < expected ? Math.exp(1 - expected / written) : 1;
  }
}
