package io.github.sparklorafa.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Texts as Python handles and prints them. */
final class Texts {
  private Texts() {}

  /** What {@code str()} gives. */
  static String of(Object value) {
    if (value instanceof Undefined) {
      return "";
    }
    return value instanceof String text ? text : quoted(value);
  }

  /** What {@code repr()} gives. */
  static String quoted(Object value) {
    Effort.spend(value instanceof String text ? text.length() : 64);
    if (value == null) {
      return "None";
    } else if (value instanceof Boolean truth) {
      return truth ? "True" : "False";
    } else if (value instanceof Double number) {
      return real(number);
    } else if (value instanceof String text) {
      return quotes(text);
    } else if (value instanceof Tuple tuple) {
      String end = tuple.size() == 1 ? ",)" : ")";
      return tuple.stream().map(Texts::quoted).collect(Collectors.joining(", ", "(", end));
    } else if (value instanceof List<?> list) {
      return Effort.made(
          list.stream().map(Texts::quoted).collect(Collectors.joining(", ", "[", "]")));
    } else if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> quoted(entry.getKey()) + ": " + quoted(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    } else if (value instanceof Undefined) {
      return "Undefined";
    }
    return String.valueOf(value);
  }

  private static String quotes(String text) {
    char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
    StringBuilder shown = new StringBuilder().append(quote);
    for (char c : text.toCharArray()) {
      switch (c) {
        case '\n' -> shown.append("\\n");
        case '\r' -> shown.append("\\r");
        case '\t' -> shown.append("\\t");
        case '\\' -> shown.append("\\\\");
        default -> {
          if (c == quote) {
            shown.append('\\').append(c);
          } else if (c < ' ' || (c >= 0x7f && c < 0xa0)) {
            shown.append("\\x%02x".formatted((int) c));
          } else {
            shown.append(c);
          }
        }
      }
    }
    return shown.append(quote).toString();
  }

  /** A float: the shortest digits, an exponent of two digits from 1e16 and below 1e-4. */
  static String real(double number) {
    if (Double.isNaN(number)) {
      return "nan";
    } else if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    }
    java.math.BigDecimal digits = new java.math.BigDecimal(Double.toString(number));
    double size = Math.abs(number);
    if (size == 0 || (size >= 1e-4 && size < 1e16)) {
      String plain = digits.stripTrailingZeros().toPlainString();
      String sign = size == 0 && 1 / number < 0 ? "-" : "";
      return sign + (plain.contains(".") ? plain : plain + ".0");
    }
    java.math.BigDecimal bare = digits.stripTrailingZeros();
    int exponent = bare.precision() - bare.scale() - 1;
    String mantissa = bare.movePointLeft(exponent).stripTrailingZeros().toPlainString();
    return "%se%s%02d".formatted(mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  /** Without characters of a set, or white space where it is null, at its ends. */
  static String strip(String text, String characters, boolean left, boolean right) {
    int start = 0;
    int end = text.length();
    while (left && start < end && strips(text.codePointAt(start), characters)) {
      start += Character.charCount(text.codePointAt(start));
    }
    while (right && end > start && strips(text.codePointBefore(end), characters)) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(start, end);
  }

  private static boolean strips(int c, String characters) {
    return characters == null ? isSpace(c) : characters.indexOf(c) >= 0;
  }

  static boolean isSpace(int c) {
    return (c >= 9 && c <= 13)
        || (c >= 0x1c && c <= 0x20)
        || c == 0x85
        || (c > 0x85 && Character.isSpaceChar(c));
  }

  /** As {@code split} and {@code rsplit}; by white space where the separator is null. */
  static List<Object> split(String text, String separator, long most, boolean fromRight) {
    List<Object> parts = new ArrayList<>();
    String rest = text;
    if (separator == null) {
      rest = strip(rest, null, !fromRight, fromRight);
    } else if (separator.isEmpty()) {
      throw TemplateException.of("empty separator");
    }
    while (!rest.isEmpty() || separator != null) {
      Effort.spend(1L + rest.length());
      int[] found = most == parts.size() ? null : found(rest, separator, fromRight);
      if (found == null) {
        parts.add(fromRight ? 0 : parts.size(), rest);
        break;
      }
      String before = rest.substring(0, found[0]);
      String after = rest.substring(found[1]);
      parts.add(fromRight ? 0 : parts.size(), fromRight ? after : before);
      rest = fromRight ? before : after;
      if (separator == null) {
        rest = strip(rest, null, !fromRight, fromRight);
      }
    }
    return parts;
  }

  /** Start and end of the next separator. */
  private static int[] found(String text, String separator, boolean last) {
    if (separator != null) {
      int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
      return at < 0 ? null : new int[] {at, at + separator.length()};
    }
    for (int i = 0; i < text.length(); i++) {
      int at = last ? text.length() - 1 - i : i;
      if (isSpace(text.charAt(at))) {
        return new int[] {at, at + 1};
      }
    }
    return null;
  }

  static List<Object> lines(String text) {
    List<Object> lines =
        new ArrayList<>(
            List.of(
                (Object[]) text.split("\r\n|[\n\r\u000b\f\u001c-\u001e\u0085\u2028\u2029]", -1)));
    if (lines.get(lines.size() - 1).equals("")) {
      lines.remove(lines.size() - 1);
    }
    return lines;
  }

  static String capitalized(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return text.substring(0, first).toUpperCase(Locale.ROOT)
        + text.substring(first).toLowerCase(Locale.ROOT);
  }

  /** Each word with a capital, as {@code str.title}. */
  static String title(String text) {
    StringBuilder title = new StringBuilder();
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      title.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = Character.isLetter(c);
    }
    return title.toString();
  }
}
