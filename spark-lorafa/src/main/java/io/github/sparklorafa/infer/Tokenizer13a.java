package io.github.sparklorafa.infer;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Cuts a text into words as mteval-v13a.pl does, which WMT scores with; the rules are those of
 * sacreBLEU's {@code tokenizer_13a.py}.
 */
final class Tokenizer13a {
  /** What Python's {@code str.split} takes for white space, more than Java's. */
  private static final String A_SPACE =
      "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

  private static final Pattern SPACE = Pattern.compile(A_SPACE + "+");

  /**
   * Looked for where a run of spaces begins, not at each of them: that would take a run squared.
   */
  private static final Pattern TRAILING_SPACE =
      Pattern.compile("(?<!" + A_SPACE + ")" + A_SPACE + "++\\z");

  private static final Pattern SYMBOL = Pattern.compile("([\\{-~\\[-` -&\\(-\\+:-@/])");
  private static final Pattern POINT_AFTER_OTHER = Pattern.compile("([^0-9])([.,])");
  private static final Pattern POINT_BEFORE_OTHER = Pattern.compile("([.,])([^0-9])");
  private static final Pattern DASH_AFTER_DIGIT = Pattern.compile("([0-9])(-)");

  private Tokenizer13a() {}

  static String[] words(String text) {
    String line = TRAILING_SPACE.matcher(text).replaceFirst("");
    line = line.replace("<skipped>", "").replace("-\n", "").replace("\n", " ");
    line = line.replace("&quot;", "\"").replace("&amp;", "&");
    line = " " + line.replace("&lt;", "<").replace("&gt;", ">") + " ";
    line = SYMBOL.matcher(line).replaceAll(" $1 ");
    line = POINT_AFTER_OTHER.matcher(line).replaceAll("$1 $2 ");
    line = POINT_BEFORE_OTHER.matcher(line).replaceAll(" $1 $2");
    line = DASH_AFTER_DIGIT.matcher(line).replaceAll("$1 $2 ");
    // The line begins with a space, so that the first part is always empty.
    String[] parts = SPACE.split(line);
    return parts.length == 0 ? parts : Arrays.copyOfRange(parts, 1, parts.length);
  }
}
