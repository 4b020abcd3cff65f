package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.lora.AdapterPatterns;
import io.github.sparklorafa.lora.TargetModules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The keys of PEFT's {@code adapter_config.json} that say where modules differ, both ways. */
final class PeftPatterns {
  static final String RANK_PATTERN = "rank_pattern";
  static final String ALPHA_PATTERN = "alpha_pattern";
  static final String LAYERS_TO_TRANSFORM = "layers_to_transform";
  static final String LAYERS_PATTERN = "layers_pattern";
  static final String EXCLUDE_MODULES = "exclude_modules";

  private final JsonFields fields;
  private final Problems problems;

  PeftPatterns(JsonFields fields, Problems problems) {
    this.fields = fields;
    this.problems = problems;
  }

  /** What the fields say; what can't be read is complained about, and left out. */
  AdapterPatterns read() {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    numbers(RANK_PATTERN, PeftPatterns::isPositiveInt)
        .forEach((key, node) -> ranks.put(key, node.intValue()));
    Map<String, Double> alphas = new LinkedHashMap<>();
    numbers(ALPHA_PATTERN, PeftPatterns::isPositive)
        .forEach((key, node) -> alphas.put(key, node.doubleValue()));
    List<Integer> layers = layers();
    List<String> layersPattern =
        fields
            .value(LAYERS_PATTERN)
            .filter(JsonNode::isTextual)
            .map(node -> node.textValue().isEmpty() ? List.<String>of() : List.of(node.textValue()))
            .orElseGet(() -> fields.strings(LAYERS_PATTERN));
    if (!layersPattern.isEmpty() && layers.isEmpty()) {
      problems.add("layers_pattern is there without layers_to_transform");
    }
    List<String> excluded = modules(EXCLUDE_MODULES);
    try {
      return new AdapterPatterns(ranks, alphas, layers, layersPattern, excluded);
    } catch (IllegalArgumentException e) {
      problems.add(Problems.quote(e.getMessage()));
      return AdapterPatterns.NONE;
    }
  }

  /** A list of names, or a string that PEFT takes for a regular expression. */
  List<String> modules(String key) {
    JsonNode node = fields.value(key).orElse(null);
    if (node != null && node.isTextual()) {
      return node.textValue().isEmpty()
          ? List.of()
          : List.of(TargetModules.REGEX + node.textValue());
    }
    List<String> names = fields.strings(key).stream().distinct().toList();
    if (names.stream().anyMatch(name -> TargetModules.isOneString(List.of(name)))) {
      fields.refuse(key, node, "names are needed in a list");
      return List.of();
    }
    return names;
  }

  private Map<String, JsonNode> numbers(String key, Predicate<JsonNode> allowed) {
    Map<String, JsonNode> numbers = new LinkedHashMap<>();
    JsonNode node = fields.value(key).orElse(null);
    if (node == null) {
      return numbers;
    }
    if (!node.isObject()) {
      fields.refuse(key, node, "numbers by expression are needed");
      return numbers;
    }
    node.fields()
        .forEachRemaining(
            entry -> {
              if (allowed.test(entry.getValue())) {
                numbers.put(entry.getKey(), entry.getValue());
              } else {
                fields.refuse(
                    key + "." + entry.getKey(), entry.getValue(), "a positive number is needed");
              }
            });
    return numbers;
  }

  private static boolean isPositiveInt(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToInt() && node.intValue() > 0;
  }

  private static boolean isPositive(JsonNode node) {
    return node.isNumber() && node.doubleValue() > 0 && Double.isFinite(node.doubleValue());
  }

  private List<Integer> layers() {
    JsonNode node = fields.value(LAYERS_TO_TRANSFORM).orElse(null);
    if (node == null) {
      return List.of();
    }
    List<Integer> layers = new ArrayList<>();
    for (JsonNode layer : node.isArray() ? node : StrictJson.MAPPER.createArrayNode().add(node)) {
      if (!layer.isIntegralNumber() || !layer.canConvertToInt() || layer.intValue() < 0) {
        fields.refuse(LAYERS_TO_TRANSFORM, node, "numbers of layers are needed");
        return List.of();
      }
      layers.add(layer.intValue());
    }
    return layers;
  }

  static void write(AdapterPatterns patterns, ObjectNode json) {
    ObjectNode ranks = json.putObject(RANK_PATTERN);
    patterns.ranks().forEach(ranks::put);
    ObjectNode alphas = json.putObject(ALPHA_PATTERN);
    patterns.alphas().forEach((key, alpha) -> putNumber(alphas, key, alpha));
    if (patterns.layersToTransform().isEmpty()) {
      json.putNull(LAYERS_TO_TRANSFORM);
    } else {
      ArrayNode layers = json.putArray(LAYERS_TO_TRANSFORM);
      patterns.layersToTransform().forEach(layers::add);
    }
    putModules(json, LAYERS_PATTERN, patterns.layersPattern());
    putModules(json, EXCLUDE_MODULES, patterns.excludeModules());
  }

  /** A list, null for an empty one, or the string that stands for {@code entries}. */
  static void putModules(ObjectNode json, String key, List<String> entries) {
    if (entries.isEmpty()) {
      json.putNull(key);
    } else if (TargetModules.isOneString(entries)) {
      String entry = entries.get(0);
      boolean regex = entry.startsWith(TargetModules.REGEX);
      json.put(key, regex ? entry.substring(TargetModules.REGEX.length()) : entry);
    } else {
      ArrayNode names = json.putArray(key);
      entries.forEach(names::add);
    }
  }

  /** PEFT declares integers and writes them; other readers insist on them. */
  static void putNumber(ObjectNode json, String key, double number) {
    if (number == Math.rint(number) && Math.abs(number) < Integer.MAX_VALUE) {
      json.put(key, (int) number);
    } else {
      json.put(key, number);
    }
  }
}
