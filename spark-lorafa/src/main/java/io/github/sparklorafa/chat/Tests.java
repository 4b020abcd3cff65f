package io.github.sparklorafa.chat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Jinja's tests, as in {@code x is string}. */
final class Tests {
  private static final Set<String> NAMES =
      Set.of(
          "defined",
          "undefined",
          "none",
          "boolean",
          "true",
          "false",
          "string",
          "number",
          "integer",
          "float",
          "mapping",
          "sequence",
          "iterable",
          "callable",
          "odd",
          "even",
          "divisibleby",
          "equalto",
          "eq",
          "==",
          "sameas",
          "ne",
          "!=",
          "lt",
          "lessthan",
          "<",
          "le",
          "<=",
          "gt",
          "greaterthan",
          ">",
          "ge",
          ">=",
          "in",
          "upper",
          "lower");

  private Tests() {}

  static boolean exists(String name) {
    return NAMES.contains(name);
  }

  static boolean holds(String name, Object value, List<Object> arguments) {
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "string" -> value instanceof String;
      case "number" -> Values.isNumber(value);
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "mapping" -> value instanceof Map;
      case "sequence" -> value instanceof String || value instanceof List || value instanceof Map;
      case "iterable" ->
          value instanceof String
              || value instanceof List
              || value instanceof Map
              || value instanceof Undefined;
      case "callable" -> value instanceof Call;
      case "odd" -> Math.floorMod(Values.number(value).longValue(), 2) == 1;
      case "even" -> Math.floorMod(Values.number(value).longValue(), 2) == 0;
      case "upper" -> Texts.of(value).equals(Texts.of(value).toUpperCase(Locale.ROOT));
      case "lower" -> Texts.of(value).equals(Texts.of(value).toLowerCase(Locale.ROOT));
      case "divisibleby" ->
          Math.floorMod(
                  Values.number(value).longValue(), Values.number(arguments.get(0)).longValue())
              == 0;
      case "equalto", "eq", "==", "sameas" -> Values.areEqual(value, arguments.get(0));
      case "ne", "!=" -> !Values.areEqual(value, arguments.get(0));
      case "lt", "lessthan", "<" -> Values.compare(value, arguments.get(0)) < 0;
      case "le", "<=" -> Values.compare(value, arguments.get(0)) <= 0;
      case "gt", "greaterthan", ">" -> Values.compare(value, arguments.get(0)) > 0;
      case "ge", ">=" -> Values.compare(value, arguments.get(0)) >= 0;
      case "in" -> Values.contains(arguments.get(0), value);
      default -> throw TemplateException.of("no test named '%s'".formatted(name));
    };
  }
}
