package io.github.sparklorafa.chat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Jinja's filters, those that chat templates use. */
final class Filters {
  private static final Pattern PERCENT = Pattern.compile("%(?:([sdrif])|%)");
  private static final Pattern BRACES = Pattern.compile("\\{(\\w*)\\}|\\{\\{|\\}\\}");

  /** A double has no more, before or behind the point. */
  private static final int MOST_DIGITS = 1100;

  /** What a filter makes of a value. */
  interface Filter {
    Object of(Object value, List<Object> arguments, Map<String, Object> named);
  }

  private static final Map<String, Filter> ALL = new LinkedHashMap<>();

  static {
    texts();
    lists();
    ALL.put("default", (v, a, n) -> standard(v, a, n));
    ALL.put("tojson", Json::of);
    ALL.put("string", (v, a, n) -> Texts.of(v));
    ALL.put("safe", (v, a, n) -> v);
    ALL.put("int", (v, a, n) -> whole(v));
    ALL.put("float", (v, a, n) -> real(v, Call.argument(a, n, 0, "default", 0.0)));
    ALL.put("abs", (v, a, n) -> v instanceof Long l ? (Object) Math.abs(l) : Math.abs((Double) v));
    ALL.put("round", (v, a, n) -> rounded(v, a, n));
    ALL.put("d", ALL.get("default"));
    ALL.put("count", ALL.get("length"));
  }

  private Filters() {}

  /** The filter of that name, or null. */
  static Filter of(String name) {
    return ALL.get(name);
  }

  private static void texts() {
    ALL.put(
        "trim",
        (v, a, n) ->
            Texts.strip(Texts.of(v), (String) Call.argument(a, n, 0, "chars", null), true, true));
    ALL.put("upper", (v, a, n) -> Texts.of(v).toUpperCase(Locale.ROOT));
    ALL.put("lower", (v, a, n) -> Texts.of(v).toLowerCase(Locale.ROOT));
    ALL.put("title", (v, a, n) -> Texts.title(Texts.of(v)));
    ALL.put("capitalize", (v, a, n) -> Texts.capitalized(Texts.of(v)));
    ALL.put("replace", (v, a, n) -> Methods.of(Texts.of(v), "replace").with(a, n));
    ALL.put("format", (v, a, n) -> percent(Texts.of(v), a));
    ALL.put("indent", Filters::indented);
    ALL.put(
        "join",
        (v, a, n) ->
            Methods.joined(
                Texts.of(Call.argument(a, n, 0, "d", "")),
                picked(Values.list(v), Call.argument(a, n, 1, "attribute", null))));
  }

  private static void lists() {
    ALL.put("length", (v, a, n) -> Values.length(v));
    ALL.put("list", (v, a, n) -> Values.list(v));
    ALL.put("first", (v, a, n) -> end(Values.list(v), true));
    ALL.put("last", (v, a, n) -> end(Values.list(v), false));
    ALL.put("items", (v, a, n) -> v instanceof Undefined ? List.of() : items(v));
    ALL.put("reverse", (v, a, n) -> Values.slice(v, null, null, -1L));
    ALL.put("unique", (v, a, n) -> unique(Values.list(v)));
    ALL.put("sort", Filters::sorted);
    ALL.put("dictsort", (v, a, n) -> sorted(items(v), List.of(), Map.of()));
    ALL.put("sum", (v, a, n) -> sum(picked(Values.list(v), a.isEmpty() ? null : a.get(0))));
    ALL.put("min", (v, a, n) -> Values.list(v).stream().min(Values::compare).orElse(null));
    ALL.put("max", (v, a, n) -> Values.list(v).stream().max(Values::compare).orElse(null));
    ALL.put("map", Filters::mapped);
    ALL.put("select", (v, a, n) -> selected(v, null, a, true));
    ALL.put("reject", (v, a, n) -> selected(v, null, a, false));
    ALL.put("selectattr", (v, a, n) -> selected(v, a.get(0), a.subList(1, a.size()), true));
    ALL.put("rejectattr", (v, a, n) -> selected(v, a.get(0), a.subList(1, a.size()), false));
  }

  private static Object standard(Object value, List<Object> arguments, Map<String, Object> named) {
    boolean alsoFalse = Values.isTrue(Call.argument(arguments, named, 1, "boolean", false));
    return value instanceof Undefined || (alsoFalse && !Values.isTrue(value))
        ? Call.argument(arguments, named, 0, "default_value", "")
        : value;
  }

  private static Object whole(Object value) {
    if (Values.isNumber(value)) {
      return Values.number(value).longValue();
    }
    try {
      return (long) Double.parseDouble(Texts.of(value).strip());
    } catch (NumberFormatException e) {
      return 0L;
    }
  }

  private static Object real(Object value, Object standard) {
    try {
      return Double.valueOf(Texts.of(value).strip());
    } catch (NumberFormatException e) {
      return standard;
    }
  }

  private static Object rounded(Object value, List<Object> arguments, Map<String, Object> named) {
    long asked = Values.number(Call.argument(arguments, named, 0, "precision", 0L)).longValue();
    int digits = (int) Math.max(-MOST_DIGITS, Math.min(MOST_DIGITS, asked));
    return new java.math.BigDecimal(Values.number(value).doubleValue())
        .setScale(digits, java.math.RoundingMode.HALF_EVEN)
        .doubleValue();
  }

  private static Object indented(Object value, List<Object> arguments, Map<String, Object> named) {
    Object width = Call.argument(arguments, named, 0, "width", 4L);
    boolean first = Values.isTrue(Call.argument(arguments, named, 1, "first", false));
    boolean blank = Values.isTrue(Call.argument(arguments, named, 2, "blank", false));
    String step =
        width instanceof String text
            ? text
            : Values.repeated(" ", Values.number(width).longValue());
    String[] lines = Texts.of(value).split("\n", -1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.length; i++) {
      boolean indents = i == 0 ? first : blank || !lines[i].isEmpty();
      Effort.spend(1L + step.length() + lines[i].length());
      text.append(i == 0 ? "" : "\n").append(indents ? step : "").append(lines[i]);
    }
    return text.toString();
  }

  /** {@code %s} and {@code %d}, filled in. */
  static String percent(String text, List<Object> arguments) {
    int[] next = {0};
    return PERCENT
        .matcher(text)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(
                    match.group(1) == null
                        ? "%"
                        : next[0] >= arguments.size()
                            ? missing()
                            : match.group(1).equals("r")
                                ? Texts.quoted(arguments.get(next[0]++))
                                : Effort.made(Texts.of(arguments.get(next[0]++)))));
  }

  private static String missing() {
    throw TemplateException.of("not enough arguments for a format");
  }

  /** {@code {}} and {@code {name}}, filled in. */
  static String braces(String text, List<Object> arguments, Map<String, Object> named) {
    int[] next = {0};
    return BRACES
        .matcher(text)
        .replaceAll(
            match -> {
              String name = match.group(1);
              if (name == null) {
                return match.group().substring(1);
              }
              Object value =
                  name.isEmpty()
                      ? arguments.get(next[0]++)
                      : name.matches("\\d+")
                          ? arguments.get(Integer.parseInt(name))
                          : named.get(name);
              return Matcher.quoteReplacement(Effort.made(Texts.of(value)));
            });
  }

  private static Object end(List<Object> list, boolean first) {
    return list.isEmpty()
        ? new Undefined("an element of an empty list")
        : list.get(first ? 0 : list.size() - 1);
  }

  private static List<Object> items(Object map) {
    if (!(map instanceof Map)) {
      throw TemplateException.of("%s is no mapping".formatted(Texts.quoted(map)));
    }
    return Values.list(Methods.of(map, "items").with(List.of(), Map.of()));
  }

  private static List<Object> unique(List<Object> list) {
    List<Object> kept = new ArrayList<>();
    for (Object element : list) {
      if (!Values.contains(kept, element)) {
        kept.add(element);
      }
    }
    return kept;
  }

  private static Object sorted(Object value, List<Object> arguments, Map<String, Object> named) {
    List<Object> list = Values.list(value);
    Object attribute = Call.argument(arguments, named, 2, "attribute", null);
    boolean exact = Values.isTrue(Call.argument(arguments, named, 1, "case_sensitive", false));
    Comparator<Object> order =
        (a, b) -> Values.compare(key(a, attribute, exact), key(b, attribute, exact));
    boolean reverse = Values.isTrue(Call.argument(arguments, named, 0, "reverse", false));
    list.sort(reverse ? order.reversed() : order);
    return list;
  }

  private static Object key(Object value, Object attribute, boolean exact) {
    Object key = attribute == null ? value : path(value, attribute);
    return key instanceof String text && !exact ? text.toLowerCase(Locale.ROOT) : key;
  }

  private static Object sum(List<Object> list) {
    Object sum = 0L;
    for (Object element : list) {
      sum = Values.calculated("+", sum, element);
    }
    return sum;
  }

  private static List<Object> picked(List<Object> list, Object attribute) {
    List<Object> picked = new ArrayList<>();
    list.forEach(value -> picked.add(attribute == null ? value : path(value, attribute)));
    return picked;
  }

  private static Object path(Object value, Object attribute) {
    Object found = value;
    for (Object name : Texts.split(Texts.of(attribute), ".", -1, false)) {
      found = Values.element(found, name);
    }
    return found;
  }

  private static Object mapped(Object value, List<Object> arguments, Map<String, Object> named) {
    List<Object> mapped = new ArrayList<>();
    for (Object element : Values.list(value)) {
      if (named.containsKey("attribute")) {
        Object found = path(element, named.get("attribute"));
        mapped.add(
            found instanceof Undefined && named.containsKey("default")
                ? named.get("default")
                : found);
      } else {
        Filter filter = of(Texts.of(arguments.get(0)));
        if (filter == null) {
          throw TemplateException.of("no filter named " + Texts.quoted(arguments.get(0)));
        }
        mapped.add(filter.of(element, arguments.subList(1, arguments.size()), named));
      }
    }
    return mapped;
  }

  private static Object selected(
      Object value, Object attribute, List<Object> arguments, boolean wanted) {
    List<Object> selected = new ArrayList<>();
    for (Object element : Values.list(value)) {
      Object tested = attribute == null ? element : path(element, attribute);
      boolean holds =
          arguments.isEmpty()
              ? Values.isTrue(tested)
              : Tests.holds(
                  Texts.of(arguments.get(0)), tested, arguments.subList(1, arguments.size()));
      if (holds == wanted) {
        selected.add(element);
      }
    }
    return selected;
  }
}
