package io.github.sparklorafa.infer;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Measures how written texts compare with the expected ones; more is better in each.
 *
 * <p>A row gives whole numbers ({@link #count}) that are added up over all rows, in any order and
 * on any number of machines; the value of a corpus follows from the sums alone ({@link #value}). So
 * it never depends on how rows were dealt out.
 *
 * <pre>{@code
 * long[] sums = TextMetric.BLEU.none();
 * for (Row row : rows) {
 *   TextMetric.BLEU.add(sums, row.written(), row.expected());
 * }
 * double bleu = TextMetric.BLEU.value(sums);
 * }</pre>
 */
public enum TextMetric {
  /**
   * BLEU of the corpus, from 0 to 100, as sacreBLEU gives it by default ({@code
   * nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp}).
   */
  BLEU(Bleu.COUNTS),

  /**
   * The mean F-measure of the longest common subsequence of words, from 0 to 1, as rouge-score's
   * {@code rougeL} without stemming.
   */
  ROUGE_L(2),

  /** The share of texts that are as expected but for white space around them, from 0 to 1. */
  EXACT_MATCH(2);

  /** What a sum of fractions counts, so that it is exact in any order. */
  private static final double FRACTION = 1 << 30;

  private final int counts;

  TextMetric(int counts) {
    this.counts = counts;
  }

  /**
   * The metric of that name, such as {@code rouge_l}; {@code rouge-l} is the same.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static TextMetric parse(String text) {
    List<String> names = Arrays.stream(values()).map(TextMetric::text).toList();
    int index = names.indexOf(text.replace('-', '_'));
    if (index < 0) {
      throw new IllegalArgumentException(
          String.format("Cannot use text metric: %s (use %s)", text, String.join(", ", names)));
    }
    return values()[index];
  }

  /** Its name: {@code bleu}, {@code rouge_l}, {@code exact_match}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The sums over no rows. */
  public long[] none() {
    return new long[counts];
  }

  /**
   * What a row adds to the sums.
   *
   * @param written by the model; null, a row that was passed over, counts as an empty text
   * @param expected the one text that would be right; null counts as an empty text
   */
  public long[] count(String written, String expected) {
    String hypothesis = written == null ? "" : written;
    String reference = expected == null ? "" : expected;
    return switch (this) {
      case BLEU -> Bleu.count(hypothesis, reference);
      case ROUGE_L -> new long[] {Math.round(RougeL.fMeasure(hypothesis, reference) * FRACTION), 1};
      case EXACT_MATCH -> new long[] {hypothesis.strip().equals(reference.strip()) ? 1 : 0, 1};
    };
  }

  /** Adds a row to {@code sums}. */
  public void add(long[] sums, String written, String expected) {
    long[] row = count(written, expected);
    for (int i = 0; i < counts; i++) {
      sums[i] += row[i];
    }
  }

  /** The value for all rows of {@code sums}; NaN without rows. */
  public double value(long[] sums) {
    return switch (this) {
      case BLEU -> Bleu.score(sums);
      case ROUGE_L -> sums[0] / FRACTION / sums[1];
      case EXACT_MATCH -> (double) sums[0] / sums[1];
    };
  }
}
