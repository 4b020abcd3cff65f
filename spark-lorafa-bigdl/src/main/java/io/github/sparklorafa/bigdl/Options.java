package io.github.sparklorafa.bigdl;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** The options of an optimizer and its schedule, each to be taken once. */
final class Options {
  private final Map<String, String> left;
  private final TreeSet<String> known = new TreeSet<>();

  Options(Map<String, String> options) {
    this.left = new LinkedHashMap<>(options);
  }

  /** A text; {@code usual} where it is not given. */
  String text(String name, String usual) {
    known.add(name);
    String text = left.remove(name);
    return text == null ? usual : text;
  }

  double real(String name, double usual) {
    String text = text(name, Double.toString(usual));
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw wrong(name, text, "give a number", e);
    }
  }

  /** A number that must be there. */
  double real(String name) {
    return real(name, required(name) ? 0 : Double.NaN);
  }

  /** A whole number from 1 up that must be there. */
  int count(String name) {
    boolean given = required(name);
    return count(name, text(name, given ? "" : null));
  }

  /** The same, 0 where it is not given. */
  int countOrNone(String name) {
    String text = text(name, null);
    return text == null ? 0 : count(name, text);
  }

  /** Whole numbers with colons in between. */
  int[] counts(String name) {
    required(name);
    return Arrays.stream(text(name, "").split(":", -1)).mapToInt(one -> count(name, one)).toArray();
  }

  private static int count(String name, String text) {
    try {
      int number = Integer.parseInt(text);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw wrong(name, text, "give a whole number from 1", e);
    }
    throw wrong(name, text, "give a whole number from 1", null);
  }

  boolean truth(String name) {
    String text = text(name, "false");
    if (!text.equals("true") && !text.equals("false")) {
      throw wrong(name, text, "give true or false", null);
    }
    return text.equals("true");
  }

  private boolean required(String name) {
    if (!left.containsKey(name)) {
      throw new IllegalArgumentException(
          "Cannot use optimizer options: without %s (give it)".formatted(name));
    }
    return true;
  }

  private static IllegalArgumentException wrong(
      String name, String text, String wayOut, Exception cause) {
    return new IllegalArgumentException(
        "Cannot use optimizer options: %s=%s (%s)".formatted(name, text, wayOut), cause);
  }

  /** After all that are known were taken. */
  void throwIfLeft(String optimizer) {
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot use optimizer options: %s with optimizer %s (it knows %s)"
              .formatted(String.join(", ", left.keySet()), optimizer, String.join(", ", known)));
    }
  }
}
