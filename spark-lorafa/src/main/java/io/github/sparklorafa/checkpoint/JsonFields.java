package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a configuration key by key and remembers which ones were understood, so that {@link
 * #refuseRest} can name the others. A key whose value is null counts as absent.
 */
final class JsonFields {
  private final ObjectNode object;
  private final String prefix;
  private final Problems problems;
  private final Set<String> understood = new HashSet<>();

  /**
   * @param prefix before a key in messages, such as {@code rope_parameters.}
   */
  JsonFields(ObjectNode object, String prefix, Problems problems) {
    this.object = object;
    this.prefix = prefix;
    this.problems = problems;
  }

  /** The value, or empty where it is absent or null. */
  Optional<JsonNode> value(String key) {
    understood.add(key);
    return Optional.ofNullable(object.get(key)).filter(node -> !node.isNull());
  }

  /** Whether the key is there with the value null, which for some keys is not the default. */
  boolean isNull(String key) {
    understood.add(key);
    return object.has(key) && object.get(key).isNull();
  }

  int positiveInt(String key, int orElse) {
    return integer(key, 1, "a positive integer is needed", orElse);
  }

  int integer(String key, int least, int orElse) {
    return integer(key, least, "an integer of at least " + least + " is needed", orElse);
  }

  private int integer(String key, int least, String needed, int orElse) {
    return value(key)
        .map(
            node -> {
              if (node.isIntegralNumber() && node.canConvertToInt() && node.intValue() >= least) {
                return node.intValue();
              }
              refuse(key, node, needed);
              return orElse;
            })
        .orElse(orElse);
  }

  /** The same, refusing also what is above {@code most}. */
  int positiveInt(String key, int orElse, int most) {
    int value = positiveInt(key, orElse);
    if (value > most && value(key).isPresent()) {
      refuse(key, object.get(key), "at most " + most + " is supported");
      return orElse;
    }
    return value;
  }

  /** A positive number that must be there. */
  double requiredNumber(String key) {
    if (value(key).isEmpty()) {
      problems.add(prefix + key + " is missing");
    }
    return positiveNumber(key, 1);
  }

  double positiveNumber(String key, double orElse) {
    return value(key)
        .map(
            node -> {
              double number = node.isNumber() ? node.doubleValue() : Double.NaN;
              if (number > 0 && Double.isFinite(number)) {
                return number;
              }
              refuse(key, node, "a positive number is needed");
              return orElse;
            })
        .orElse(orElse);
  }

  boolean flag(String key, boolean orElse) {
    return value(key)
        .map(
            node -> {
              if (!node.isBoolean()) {
                refuse(key, node, "true or false is needed");
              }
              return node.booleanValue();
            })
        .orElse(orElse);
  }

  /** A list of strings; empty where it is absent. */
  List<String> strings(String key) {
    List<String> strings = new ArrayList<>();
    value(key)
        .ifPresent(
            node -> {
              if (!node.isArray()) {
                refuse(key, node, "a list of strings is needed");
                return;
              }
              for (JsonNode element : node) {
                if (element.isTextual() && !element.textValue().isBlank()) {
                  strings.add(element.textValue());
                } else {
                  refuse(key, node, "a list of strings is needed");
                  return;
                }
              }
            });
    return strings;
  }

  /** Complains where a key is there with another value than the only one that is supported. */
  void requireOnly(Map<String, ?> onlyValues) {
    onlyValues.forEach(
        (key, only) ->
            value(key)
                .filter(node -> !matches(node, only))
                .ifPresent(node -> refuse(key, node, "only " + only + " is supported")));
  }

  private static boolean matches(JsonNode node, Object only) {
    if (only instanceof Number number) {
      return node.isNumber() && node.doubleValue() == number.doubleValue();
    }
    if (only instanceof Boolean flag) {
      return node.isBoolean() && node.booleanValue() == flag;
    }
    return node.isTextual() && node.textValue().equals(only);
  }

  /** Complains where one of these keys says anything: neither null, false nor empty. */
  void requireNeutral(Collection<String> keys, String why) {
    for (String key : keys) {
      value(key).filter(node -> !neutral(node)).ifPresent(node -> refuse(key, node, why));
    }
  }

  private static boolean neutral(JsonNode node) {
    return (node.isBoolean() && !node.booleanValue())
        || (node.isContainerNode() && node.isEmpty())
        || (node.isTextual() && node.textValue().isEmpty());
  }

  void understand(Collection<String> keys) {
    understood.addAll(keys);
  }

  /** Complains by name about each key that nobody asked for, unless its value is null. */
  void refuseRest(String why) {
    object
        .fields()
        .forEachRemaining(
            field -> {
              if (!understood.contains(field.getKey()) && !field.getValue().isNull()) {
                refuse(field.getKey(), field.getValue(), why);
              }
            });
  }

  /** As {@link #refuseRest}, but values that say nothing (false, empty) pass. */
  void refuseRestUnlessNeutral(String why) {
    object
        .fields()
        .forEachRemaining(
            field -> {
              if (neutral(field.getValue())) {
                understood.add(field.getKey());
              }
            });
    refuseRest(why);
  }

  void refuse(String key, JsonNode value, String why) {
    problems.add(
        "%s%s is %s (%s)"
            .formatted(prefix, Problems.quote(key), Problems.quote(value.toString()), why));
  }
}
