package io.github.sparklorafa.cli;

import io.github.sparklorafa.train.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

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
    try {
      content = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
    } catch (IOException | YAMLException e) {
      throw new IllegalArgumentException(
          String.format("Cannot read --config: %s (%s)", file, e.getMessage()), e);
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

  private static Map<String, String> texts(Path file, Map<?, ?> entries) {
    Problems problems = new Problems();
    Map<String, String> texts = new LinkedHashMap<>();
    entries.forEach(
        (key, value) -> {
          String name = String.valueOf(key);
          if (TrainFlags.ALL.stream().noneMatch(flag -> flag.name().equals(name))) {
            problems.add("Cannot use %s in %s (train has no flag --%s)", name, file, name);
          } else if (value instanceof Map) {
            problems.add("Cannot use %s in %s (write one value, or a list)", name, file);
          } else if (value != null) {
            texts.put(name, text(value));
          }
        });
    problems.throwIfAny();
    return texts;
  }

  private static String text(Object value) {
    return value instanceof List<?> items
        ? items.stream().map(String::valueOf).collect(Collectors.joining(","))
        : String.valueOf(value);
  }
}
