package io.github.sparklorafa.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The methods of texts, lists and mappings that do not change them. */
final class Methods {
  private Methods() {}

  /** The method of that name, or null. */
  static Call of(Object value, String name) {
    if (value instanceof String text) {
      return text(text, name);
    } else if (value instanceof Map<?, ?> map) {
      return map(map, name);
    }
    return value instanceof List<?> list ? list(list, name) : null;
  }

  private static Call text(String text, String name) {
    return switch (name) {
      case "strip" -> (a, n) -> Texts.strip(text, optional(a, 0), true, true);
      case "lstrip" -> (a, n) -> Texts.strip(text, optional(a, 0), true, false);
      case "rstrip" -> (a, n) -> Texts.strip(text, optional(a, 0), false, true);
      case "split", "rsplit" ->
          (a, n) ->
              Texts.split(
                  text,
                  (String) Call.argument(a, n, 0, "sep", null),
                  Values.number(Call.argument(a, n, 1, "maxsplit", -1L)).longValue(),
                  name.equals("rsplit"));
      case "splitlines" -> (a, n) -> Texts.lines(text);
      case "startswith" -> (a, n) -> parts(a).stream().anyMatch(text::startsWith);
      case "endswith" -> (a, n) -> parts(a).stream().anyMatch(text::endsWith);
      case "replace" -> (a, n) -> replaced(text, a);
      case "upper" -> (a, n) -> Effort.made(text.toUpperCase(Locale.ROOT));
      case "lower" -> (a, n) -> Effort.made(text.toLowerCase(Locale.ROOT));
      case "title" -> (a, n) -> Texts.title(text);
      case "capitalize" -> (a, n) -> Texts.capitalized(text);
      case "join" -> (a, n) -> joined(text, Values.list(a.get(0)));
      case "find" -> (a, n) -> place(text, text.indexOf(string(a, 0)));
      case "rfind" -> (a, n) -> place(text, text.lastIndexOf(string(a, 0)));
      case "index" ->
          (a, n) -> {
            if (!text.contains(string(a, 0))) {
              throw TemplateException.of("substring not found");
            }
            return place(text, text.indexOf(string(a, 0)));
          };
      case "count" -> (a, n) -> (long) Texts.split(text, string(a, 0), -1, false).size() - 1;
      case "removeprefix" ->
          (a, n) -> text.startsWith(string(a, 0)) ? text.substring(string(a, 0).length()) : text;
      case "removesuffix" ->
          (a, n) ->
              text.endsWith(string(a, 0))
                  ? text.substring(0, text.length() - string(a, 0).length())
                  : text;
      case "isdigit" -> (a, n) -> all(text, Character::isDigit);
      case "isalpha" -> (a, n) -> all(text, Character::isLetter);
      case "isalnum" -> (a, n) -> all(text, Character::isLetterOrDigit);
      case "isspace" -> (a, n) -> all(text, Texts::isSpace);
      case "isupper" -> (a, n) -> isCased(text, text.toUpperCase(Locale.ROOT));
      case "islower" -> (a, n) -> isCased(text, text.toLowerCase(Locale.ROOT));
      case "format" -> (a, n) -> Filters.braces(text, a, n);
      default -> null;
    };
  }

  private static boolean isCased(String text, String cased) {
    return text.equals(cased)
        && !text.toUpperCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT));
  }

  private static boolean all(String text, java.util.function.IntPredicate test) {
    return !text.isEmpty() && text.codePoints().allMatch(test);
  }

  private static long place(String text, int index) {
    return index < 0 ? -1 : text.codePointCount(0, index);
  }

  private static String replaced(String text, List<Object> arguments) {
    String old = string(arguments, 0);
    long most = arguments.size() > 2 ? Values.number(arguments.get(2)).longValue() : -1;
    if (most < 0) {
      String put = string(arguments, 1);
      long places = 1 + (long) text.length() / Math.max(1, old.length());
      Effort.spend(text.length() + (put.length() > old.length() ? places * put.length() : 0));
      return text.replace(old, put);
    }
    return joined(string(arguments, 1), Texts.split(text, old, most, false));
  }

  /** The texts of values with another between them. */
  static String joined(String between, List<Object> values) {
    StringBuilder joined = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      joined
          .append(i == 0 ? "" : Effort.made(between))
          .append(Effort.made(Texts.of(values.get(i))));
    }
    return joined.toString();
  }

  private static List<String> parts(List<Object> arguments) {
    return arguments.get(0) instanceof List<?> list
        ? list.stream().map(Texts::of).toList()
        : List.of(string(arguments, 0));
  }

  private static String string(List<Object> arguments, int place) {
    if (place < arguments.size() && arguments.get(place) instanceof String text) {
      return text;
    }
    throw TemplateException.of("a method of a text is called without a text");
  }

  private static String optional(List<Object> arguments, int place) {
    return place < arguments.size() && arguments.get(place) != null
        ? string(arguments, place)
        : null;
  }

  private static Call map(Map<?, ?> map, String name) {
    return switch (name) {
      case "items" ->
          (a, n) -> {
            List<Object> items = new ArrayList<>();
            map.forEach(
                (key, value) -> {
                  items.add(new Tuple(Arrays.asList(key, value)));
                });
            return items;
          };
      case "keys" -> (a, n) -> new ArrayList<Object>(map.keySet());
      case "values" -> (a, n) -> new ArrayList<Object>(map.values());
      case "get" ->
          (a, n) -> map.containsKey(a.get(0)) ? map.get(a.get(0)) : a.size() > 1 ? a.get(1) : null;
      default -> null;
    };
  }

  private static Call list(List<?> list, String name) {
    return switch (name) {
      case "count" ->
          (a, n) -> list.stream().filter(element -> Values.areEqual(element, a.get(0))).count();
      case "index" ->
          (a, n) -> {
            for (int i = 0; i < list.size(); i++) {
              if (Values.areEqual(list.get(i), a.get(0))) {
                return (long) i;
              }
            }
            throw TemplateException.of("the list has no " + Texts.quoted(a.get(0)));
          };
      default -> null;
    };
  }
}
