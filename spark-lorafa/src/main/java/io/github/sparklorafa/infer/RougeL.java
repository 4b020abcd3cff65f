package io.github.sparklorafa.infer;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * ROUGE-L of one text (Lin, 2004): the F-measure of the longest common subsequence of words. Words
 * are runs of ASCII letters and digits in lower case, not stemmed, as in Google's rouge-score: of a
 * text in another script nothing is left.
 */
final class RougeL {
  private static final Pattern NO_WORD = Pattern.compile("[^a-z0-9]+");

  private RougeL() {}

  /** From 0 to 1; 0 where either text has no words. */
  static double fMeasure(String hypothesis, String reference) {
    String[] written = words(hypothesis);
    String[] expected = words(reference);
    if (written.length == 0 || expected.length == 0) {
      return 0;
    }
    // 2PR / (P + R) with P = common / written and R = common / expected
    return 2.0 * common(written, expected) / (written.length + expected.length);
  }

  private static String[] words(String text) {
    String[] parts = NO_WORD.split(text.toLowerCase(Locale.ROOT));
    return Arrays.stream(parts).filter(part -> !part.isEmpty()).toArray(String[]::new);
  }

  /** Length of the longest common subsequence, with one row of the table at a time. */
  private static int common(String[] first, String[] second) {
    int[] row = new int[second.length + 1];
    for (String word : first) {
      int diagonal = 0;
      for (int j = 1; j < row.length; j++) {
        int above = row[j];
        row[j] = word.equals(second[j - 1]) ? diagonal + 1 : Math.max(above, row[j - 1]);
        diagonal = above;
      }
    }
    return row[second.length];
  }
}
