package io.github.sparklorafa.checkpoint;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects what is wrong with one file or configuration, so that it is reported at once.
 *
 * <p>The message reads {@code Cannot <do what>: <value> (<what to do>): <problem>}, with one line
 * for each problem where there are several. Names from files are quoted and shortened, and only the
 * first {@value #SHOWN} problems are kept, so that a hostile file cannot fill the memory or the
 * log.
 */
final class Problems {
  private static final int SHOWN = 40;
  private static final int ENOUGH = 1000;
  private static final int LONGEST_NAME = 160;

  private final String subject;
  private final String wayOut;
  private final List<String> shown = new ArrayList<>();
  private long count;

  /**
   * @param subject what cannot be done and with what: {@code Cannot read config.json: /models/a}
   * @param wayOut what the user can do about it
   */
  Problems(String subject, String wayOut) {
    this.subject = subject;
    this.wayOut = wayOut;
  }

  void add(String problem) {
    if (count < SHOWN) {
      shown.add(problem);
    }
    count++;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Whether there are so many that looking for more would help nobody. */
  boolean enough() {
    return count >= ENOUGH;
  }

  void throwIfAny() {
    if (count > 0) {
      throw exception();
    }
  }

  private IllegalArgumentException exception() {
    String head = subject + " (" + wayOut + "): ";
    if (count == 1) {
      return new IllegalArgumentException(head + shown.get(0));
    }
    StringBuilder message = new StringBuilder(head).append(count).append(" problems");
    shown.forEach(problem -> message.append("\n  - ").append(problem));
    if (count > shown.size()) {
      message.append("\n  - and ").append(count - shown.size()).append(" more");
    }
    return new IllegalArgumentException(message.toString());
  }

  /** A text without control characters, nor those that turn the direction of writing. */
  static String printable(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints().forEach(c -> clean.appendCodePoint(isControl(c) ? '?' : c));
    return clean.toString();
  }

  private static boolean isControl(int c) {
    return Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
  }

  /** A name out of a file as it may stand in a message: no control characters, not too long. */
  static String quote(String name) {
    String shortened =
        name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "...";
    return printable(shortened);
  }
}
