package io.github.sparklorafa.cli;

import io.github.sparklorafa.train.Problems;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A YAML file with flags of {@code train}: one key each, without the dashes in front.
 *
 * <pre>
 * model: /models/tiny
 * rank: 8
 * target-modules: [q_proj, v_proj]
 * </pre>
 */
final class ConfigFile {
  private ConfigFile() {}

  /**
   * The texts of the flags that the file holds.
   *
   * @throws IllegalArgumentException naming all keys that are no flags, or why it can't be read
   */
  static Map<String, String> read(Path file) {
    Object content;
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    boolean plain = true;
    try {
      String text = Files.readString(file);
      Yaml yaml = new Yaml(new SafeConstructor(options));
      plain = hasPlainKeys(yaml.compose(new StringReader(text)), identities());
      content = plain ? yaml.load(text) : null;
    } catch (IOException | RuntimeException e) {
      // Not YAMLException alone: numbers, dates and base 64 are refused as the JDK does.
      throw new IllegalArgumentException(
          String.format("Cannot read --config: %s (%s)", file, why(e)), e);
    }
    if (!plain) {
      throw new IllegalArgumentException(keyProblem(file));
    }
    if (content == null) {
      return Map.of();
    }
    if (!(content instanceof Map<?, ?> entries)) {
      throw new IllegalArgumentException(
          String.format("Cannot read --config: %s (write one \"flag: value\" a line)", file));
    }
    return texts(file, entries);
  }

  /** A key that is a list may hold itself: whoever asks for its hash would never be answered. */
  private static boolean hasPlainKeys(Node node, Set<Node> seen) {
    if (node == null || !seen.add(node)) {
      return true;
    }
    if (node instanceof MappingNode map) {
      return map.getValue().stream()
          .allMatch(
              entry ->
                  entry.getKeyNode() instanceof ScalarNode
                      && hasPlainKeys(entry.getValueNode(), seen));
    }
    return !(node instanceof SequenceNode list)
        || list.getValue().stream().allMatch(item -> hasPlainKeys(item, seen));
  }

  private static Set<Node> identities() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  private static String keyProblem(Path file) {
    return String.format(
        "Cannot use a key in %s that is no text (write one \"flag: value\" a line)", file);
  }

  /** Without the lines themselves, which may hold a password. */
  private static String why(Exception e) {
    return e instanceof MarkedYAMLException marked && marked.getProblemMark() != null
        ? String.format("line %d: %s", marked.getProblemMark().getLine() + 1, marked.getProblem())
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  private static Map<String, String> texts(Path file, Map<?, ?> entries) {
    Problems problems = new Problems();
    Map<String, String> texts = new LinkedHashMap<>();
    entries.forEach(
        (key, value) -> {
          if (!(key instanceof String name)) {
            problems.add(keyProblem(file));
          } else if (TrainFlags.ALL.stream().noneMatch(flag -> flag.name().equals(name))) {
            problems.add("Cannot use %s in %s (train has no flag --%s)", name, file, name);
          } else if (isNested(value)) {
            problems.add("Cannot use %s in %s (write one value, or a list)", name, file);
          } else if (value != null) {
            texts.put(name, text(value));
          }
        });
    problems.throwIfAny();
    return texts;
  }

  /** A list in a list may hold itself, or stand for more of them than fit into memory. */
  private static boolean isNested(Object value) {
    return value instanceof List<?> items
        ? items.stream().anyMatch(item -> item instanceof Collection || item instanceof Map)
        : value instanceof Collection || value instanceof Map;
  }

  private static String text(Object value) {
    return value instanceof List<?> items
        ? items.stream().map(String::valueOf).collect(Collectors.joining(","))
        : String.valueOf(value);
  }
}
