package io.github.sparklorafa.train;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts of memory as Spark writes them: {@code 24g}, {@code 1536m}. */
public final class MemorySize {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,9})([kmgt])b?");
  private static final String UNITS = "kmgt";
  private static final long UNIT = 1024;

  private MemorySize() {}

  /**
   * Bytes of {@code text}; 0 for one that is empty.
   *
   * @throws IllegalArgumentException if it is no amount with a unit
   */
  public static long parse(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    Matcher matcher = TEXT.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "Cannot read memory: %s (write it as 24g or 24576m)".formatted(text));
    }
    long bytes = Long.parseLong(matcher.group(1));
    for (int unit = UNITS.indexOf(matcher.group(2)); unit >= 0; unit--) {
      bytes *= UNIT;
    }
    return bytes;
  }

  /** {@code bytes}, full kilobytes, in the largest unit that says them exactly; 0 is empty. */
  public static String text(long bytes) {
    if (bytes == 0) {
      return "";
    }
    long amount = bytes / UNIT;
    int unit = 0;
    while (amount % UNIT == 0 && unit < UNITS.length() - 1) {
      amount /= UNIT;
      unit++;
    }
    return amount + UNITS.substring(unit, unit + 1);
  }
}
