package io.github.sparklorafa.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What operators do with values, as in Python. Values are null, Boolean, Long, Double, String,
 * List, Map, {@link Call}, {@link Namespace} and {@link Undefined}.
 */
final class Values {
  private Values() {}

  /** The only map that a template may change. */
  record Namespace(Map<String, Object> values) {}

  /** A value of Java as one of these. */
  static Object of(Object value) {
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    } else if (value instanceof Float || value instanceof java.math.BigDecimal) {
      return ((Number) value).doubleValue();
    } else if (value instanceof List<?> list) {
      List<Object> values = new ArrayList<>();
      list.forEach(element -> values.add(of(element)));
      return values;
    } else if (value instanceof Map<?, ?> map) {
      Map<Object, Object> values = new java.util.LinkedHashMap<>();
      map.forEach((key, element) -> values.put(key, of(element)));
      return values;
    }
    return value;
  }

  static boolean isTrue(Object value) {
    if (value == null || value instanceof Undefined) {
      return false;
    } else if (value instanceof Boolean truth) {
      return truth;
    } else if (value instanceof Number number) {
      return number.doubleValue() != 0;
    } else if (value instanceof String text) {
      return !text.isEmpty();
    } else if (value instanceof List<?> list) {
      return !list.isEmpty();
    }
    return !(value instanceof Map<?, ?> map) || !map.isEmpty();
  }

  static boolean areEqual(Object a, Object b) {
    Effort.spend(1);
    if (a instanceof Undefined || b instanceof Undefined) {
      return a instanceof Undefined && b instanceof Undefined;
    }
    if (isNumber(a) && isNumber(b)) {
      return number(a).doubleValue() == number(b).doubleValue();
    }
    if (a instanceof List<?> left && b instanceof List<?> right) {
      boolean equal = left.size() == right.size();
      for (int i = 0; equal && i < left.size(); i++) {
        equal = areEqual(left.get(i), right.get(i));
      }
      return equal;
    }
    if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
      return left.size() == right.size()
          && left.entrySet().stream()
              .allMatch(
                  entry ->
                      right.containsKey(entry.getKey())
                          && areEqual(entry.getValue(), right.get(entry.getKey())));
    }
    return Objects.equals(a, b);
  }

  static boolean isNumber(Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  static Number number(Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.refused();
    }
    if (value instanceof Boolean truth) {
      return truth ? 1L : 0L;
    }
    if (value instanceof Number number) {
      return number;
    }
    throw TemplateException.of("%s is no number".formatted(Texts.quoted(value)));
  }

  static int compare(Object a, Object b) {
    Effort.spend(1);
    if (a instanceof String left && b instanceof String right) {
      return left.compareTo(right);
    }
    if (a instanceof List<?> left && b instanceof List<?> right) {
      for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
        if (!areEqual(left.get(i), right.get(i))) {
          return compare(left.get(i), right.get(i));
        }
      }
      return Integer.compare(left.size(), right.size());
    }
    if (whole(a) && whole(b)) {
      return Long.compare(number(a).longValue(), number(b).longValue());
    }
    return Double.compare(number(a).doubleValue(), number(b).doubleValue());
  }

  static boolean contains(Object container, Object element) {
    if (container instanceof String text && element instanceof String part) {
      return text.contains(part);
    } else if (container instanceof Map<?, ?> map) {
      return map.containsKey(key(element));
    }
    return list(container).stream().anyMatch(other -> areEqual(other, element));
  }

  /** A value that may be a key, which lists and mappings are not. */
  static Object key(Object value) {
    if (value instanceof List || value instanceof Map) {
      throw TemplateException.of("a list or mapping is no key");
    }
    return value;
  }

  /** The elements of a value that can be gone through: a map's keys, a text's characters. */
  static List<Object> list(Object value) {
    if (value instanceof List<?> list) {
      Effort.places(list.size());
      return new ArrayList<>(list);
    } else if (value instanceof Map<?, ?> map) {
      Effort.places(map.size());
      return new ArrayList<>(map.keySet());
    } else if (value instanceof Undefined) {
      return new ArrayList<>();
    } else if (value instanceof String text) {
      Effort.elements(text.length());
      return new ArrayList<>(text.codePoints().mapToObj(Character::toString).toList());
    }
    throw TemplateException.of("%s has no elements".formatted(Texts.quoted(value)));
  }

  static long length(Object value) {
    if (value instanceof String text) {
      return text.codePointCount(0, text.length());
    }
    return list(value).size();
  }

  static Object calculated(String operator, Object a, Object b) {
    if (operator.equals("+") && a instanceof String left && b instanceof String right) {
      Effort.spend((long) left.length() + right.length());
      return left + right;
    } else if (operator.equals("+") && a instanceof List<?> left && b instanceof List<?> right) {
      Effort.places((long) left.size() + right.size());
      List<Object> joined = new ArrayList<>(left);
      joined.addAll(right);
      return joined;
    } else if (operator.equals("*") && a instanceof String text && whole(b)) {
      return repeated(text, number(b).longValue());
    } else if (operator.equals("%") && a instanceof String text) {
      return Filters.percent(
          text, b instanceof List<?> list ? new ArrayList<>(list) : Collections.singletonList(b));
    } else if (operator.equals("+") && (a instanceof String || b instanceof String)) {
      if (a instanceof Undefined || b instanceof Undefined) {
        throw ((Undefined) (a instanceof Undefined ? a : b)).refused();
      }
      throw TemplateException.of(
          "cannot add %s and %s".formatted(Texts.quoted(a), Texts.quoted(b)));
    }
    Number left = number(a);
    Number right = number(b);
    boolean whole = whole(a) && whole(b) && !operator.equals("/");
    if (right.doubleValue() == 0 && "/ // %".contains(operator)) {
      throw TemplateException.of("division by zero");
    }
    return whole
        ? whole(operator, left.longValue(), right.longValue())
        : real(operator, left.doubleValue(), right.doubleValue());
  }

  /** None where the count is not above 0, as in Python. */
  static String repeated(String text, long count) {
    Effort.spend(Math.max(0, Math.min(count, Integer.MAX_VALUE)) * text.length());
    return text.isEmpty() ? "" : text.repeat((int) Math.max(0, count));
  }

  static boolean whole(Object value) {
    return value instanceof Long || value instanceof Boolean;
  }

  private static Object whole(String operator, long a, long b) {
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "//" -> Math.floorDiv(a, b);
      case "%" -> Math.floorMod(a, b);
      default -> b < 0 ? (Object) Math.pow(a, b) : (Object) (long) Math.pow(a, b);
    };
  }

  private static Object real(String operator, double a, double b) {
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      case "//" -> Math.floor(a / b);
      case "%" -> a - b * Math.floor(a / b);
      default -> Math.pow(a, b);
    };
  }

  /** {@code value.name}: a method or a key. */
  static Object attribute(Object value, String name) {
    if (value instanceof Undefined undefined) {
      throw undefined.refused();
    }
    if (value instanceof Namespace namespace) {
      return namespace.values.getOrDefault(name, missing(value, name));
    }
    Call method = Methods.of(value, name);
    if (method != null) {
      return method;
    }
    return value instanceof Map<?, ?> map && map.containsKey(name)
        ? map.get(name)
        : missing(value, name);
  }

  /** {@code value[key]}. */
  static Object element(Object value, Object key) {
    if (value instanceof Undefined undefined) {
      throw undefined.refused();
    }
    if (value instanceof Map<?, ?> map && map.containsKey(key(key))) {
      return map.get(key);
    }
    if ((value instanceof List || value instanceof String) && whole(key)) {
      List<Object> elements = list(value);
      long index = number(key).longValue();
      index = index < 0 ? index + elements.size() : index;
      return index >= 0 && index < elements.size()
          ? elements.get((int) index)
          : missing(value, Texts.of(key));
    }
    return key instanceof String name ? attribute(value, name) : missing(value, Texts.of(key));
  }

  private static Undefined missing(Object value, String name) {
    String owner = value instanceof Map ? "the mapping" : value instanceof List ? "the list" : "it";
    return new Undefined("%s's '%s'".formatted(owner, name));
  }

  /** {@code value[start:end:step]}; nulls stand for what is left out. */
  static Object slice(Object value, Object start, Object end, Object step) {
    if (value instanceof Undefined undefined) {
      throw undefined.refused();
    }
    List<Object> elements = list(value);
    int size = elements.size();
    long by = step == null ? 1 : number(step).longValue();
    if (by == 0) {
      throw TemplateException.of("slice step cannot be zero");
    }
    long from = bound(start, by > 0 ? 0 : size - 1, size, by);
    long to = end == null ? (by > 0 ? size : -1) : bound(end, 0, size, by);
    List<Object> part = new ArrayList<>();
    for (long i = from;
        by > 0 ? i < to : i > to;
        i += Math.max(-size - 1L, Math.min(size + 1L, by))) {
      Effort.places(1);
      part.add(elements.get((int) i));
    }
    return value instanceof String ? String.join("", part.stream().map(Texts::of).toList()) : part;
  }

  private static long bound(Object given, long standard, int size, long step) {
    if (given == null) {
      return standard;
    }
    long index = number(given).longValue();
    index = index < 0 ? index + size : index;
    return Math.max(step > 0 ? 0 : -1, Math.min(step > 0 ? size : size - 1, index));
  }
}
