package io.github.sparklorafa.chat;

import java.util.List;
import java.util.Map;

/** Writes values as Python's {@code json.dumps(value, ensure_ascii=False)} does. */
final class Json {
  private final String indent;
  private final String comma;
  private final String colon;
  private final boolean sorted;
  private final StringBuilder text = new StringBuilder();

  private Json(String indent, String comma, String colon, boolean sorted) {
    this.indent = indent;
    this.comma = comma;
    this.colon = colon;
    this.sorted = sorted;
  }

  /** The filter {@code tojson(ensure_ascii, indent, separators, sort_keys)}. */
  static String of(Object value, List<Object> arguments, Map<String, Object> named) {
    Object indent = Call.argument(arguments, named, 1, "indent", null);
    Object separators = Call.argument(arguments, named, 2, "separators", null);
    String step =
        indent == null
            ? null
            : indent instanceof String text
                ? text
                : Values.repeated(" ", Values.number(indent).longValue());
    List<Object> pair =
        separators == null ? List.of(step == null ? ", " : ",", ": ") : Values.list(separators);
    boolean sorted = Values.isTrue(Call.argument(arguments, named, 3, "sort_keys", false));
    Json json = new Json(step, Texts.of(pair.get(0)), Texts.of(pair.get(1)), sorted);
    json.write(value, 1);
    return json.text.toString();
  }

  private void write(Object value, int depth) {
    Effort.spend(16);
    if (value instanceof Map<?, ?> map) {
      open('{');
      boolean first = true;
      for (Map.Entry<?, ?> entry : entries(map)) {
        next(first, depth);
        write(Texts.of(entry.getKey()));
        text.append(colon);
        write(entry.getValue(), depth + 1);
        first = false;
      }
      close('}', first, depth);
    } else if (value instanceof List<?> list) {
      open('[');
      boolean first = true;
      for (Object element : list) {
        next(first, depth);
        write(element, depth + 1);
        first = false;
      }
      close(']', first, depth);
    } else if (value instanceof String string) {
      write(string);
    } else if (value == null) {
      text.append("null");
    } else if (value instanceof Boolean || value instanceof Long) {
      text.append(value);
    } else if (value instanceof Double number) {
      String written = Texts.real(number);
      text.append(
          switch (written) {
            case "nan" -> "NaN";
            case "inf" -> "Infinity";
            case "-inf" -> "-Infinity";
            default -> written;
          });
    } else {
      throw TemplateException.of("%s cannot be written as JSON".formatted(Texts.quoted(value)));
    }
  }

  private List<? extends Map.Entry<?, ?>> entries(Map<?, ?> map) {
    return sorted
        ? map.entrySet().stream()
            .sorted((a, b) -> Texts.of(a.getKey()).compareTo(Texts.of(b.getKey())))
            .toList()
        : List.copyOf(map.entrySet());
  }

  private void open(char bracket) {
    text.append(bracket);
  }

  private void next(boolean first, int depth) {
    text.append(first ? "" : Effort.made(comma));
    if (indent != null) {
      text.append('\n').append(Values.repeated(indent, depth));
    }
  }

  private void close(char bracket, boolean empty, int depth) {
    if (indent != null && !empty) {
      text.append('\n').append(Values.repeated(indent, depth - 1));
    }
    text.append(bracket);
  }

  private void write(String string) {
    Effort.spend(string.length());
    text.append('"');
    for (char c : string.toCharArray()) {
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        case '\b' -> text.append("\\b");
        case '\f' -> text.append("\\f");
        default -> text.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
      }
    }
    text.append('"');
  }
}
