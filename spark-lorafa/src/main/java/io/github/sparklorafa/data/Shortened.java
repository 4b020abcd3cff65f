package io.github.sparklorafa.data;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Values of a dataset as messages show them: on one line, and short. */
final class Shortened {

  private static final int CHARACTERS = 40;
  private static final int NUMBERS = 8;
  private static final int MESSAGES = 3;

  private Shortened() {}

  /** A text in quotes, its start only, control characters escaped; {@code null} without quotes. */
  static String text(String text) {
    if (text == null) {
      return "null";
    }
    StringBuilder shown = new StringBuilder("\"");
    text.codePoints()
        .limit(CHARACTERS)
        .forEach(
            c -> {
              if (c == '\n') {
                shown.append("\\n");
              } else if (Character.isISOControl(c)) {
                shown.append("\\u%04x".formatted(c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    boolean cut = text.codePointCount(0, text.length()) > CHARACTERS;
    return shown.append(cut ? "…\"" : "\"").toString();
  }

  /** The first of a conversation's messages. */
  static String messages(List<? extends Map<String, ?>> messages) {
    return messages.stream()
        .limit(MESSAGES)
        .map(message -> role(message.get("role")) + " " + content(message.get("content")))
        .collect(Collectors.joining(", ", "messages ", messages.size() > MESSAGES ? ", …" : ""));
  }

  /** As it is where it is a word like another. */
  private static String role(Object role) {
    String shown = String.valueOf(role);
    return shown.matches("\\w{0,40}") ? shown : text(shown);
  }

  private static String content(Object content) {
    return text(String.valueOf(content));
  }

  /** The first of some numbers in brackets. */
  static String numbers(List<? extends Number> numbers) {
    return numbers.stream()
        .limit(NUMBERS)
        .map(String::valueOf)
        .collect(Collectors.joining(", ", "[", numbers.size() > NUMBERS ? ", …]" : "]"));
  }
}
