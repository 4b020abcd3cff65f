package io.github.sparklorafa.chat;

import java.util.function.Supplier;

/**
 * What a rendering may make in all, so that each ends and stays small, whatever its template says:
 * texts count by the character, elements of lists by {@value #ELEMENT}, or by {@value #PLACE} where
 * they were there already, statements and comparisons by one. A conversation of a million
 * characters takes some millions.
 */
final class Effort {
  /** What a place in a list takes, in characters. */
  private static final long PLACE = 8;

  /** What a place and a new value in it take. */
  private static final long ELEMENT = 64;

  private static final long MOST = 1 << 26;

  private static final ThreadLocal<long[]> LEFT = new ThreadLocal<>();

  private Effort() {}

  /** What {@code rendering} gives; what it makes on this thread counts. */
  static <T> T limited(Supplier<T> rendering) {
    long[] before = LEFT.get();
    LEFT.set(new long[] {MOST});
    try {
      return rendering.get();
    } finally {
      LEFT.set(before);
    }
  }

  /**
   * Counts something before it is made.
   *
   * @throws TemplateException if that is too much
   */
  static void spend(long units) {
    long[] left = LEFT.get();
    if (left == null) {
      return;
    }
    left[0] -= Math.max(0, units);
    if (units > MOST || left[0] < 0) {
      throw TemplateException.of(
          "it goes on and on, or makes texts or lists that are far too long");
    }
  }

  /** Counts so many elements of a list. */
  static void elements(long count) {
    spend(count > MOST ? count : count * ELEMENT);
  }

  /** Counts so many places of a list whose elements are there already. */
  static void places(long count) {
    spend(count * PLACE);
  }

  /** Counts a text that is there already, and comes back. */
  static String made(String text) {
    spend(text.length());
    return text;
  }
}
