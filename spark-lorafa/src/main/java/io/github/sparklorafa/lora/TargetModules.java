package io.github.sparklorafa.lora;

import java.util.List;

/**
 * Matches module names as PEFT does: the dotted name equals an entry or ends with {@code .entry};
 * or the only entry is a regular expression, written {@code regex:…}, that the whole name matches.
 */
public final class TargetModules {
  /** Stands for every linear layer of the model but its output head. */
  public static final String ALL_LINEAR = "all-linear";

  /** Stands before a regular expression of Python, which PEFT writes as a string, not a list. */
  public static final String REGEX = "regex:";

  private TargetModules() {}

  /** Whether {@code module} is meant by one of {@code entries}. */
  public static boolean matches(List<String> entries, String module) {
    return entries.stream().anyMatch(entry -> matches(entry, module));
  }

  /** Whether {@code module} is meant by {@code entry}. */
  public static boolean matches(String entry, String module) {
    if (entry.startsWith(REGEX)) {
      return ModuleRegex.matchesWhole(entry.substring(REGEX.length()), module);
    }
    return entry.equals(ALL_LINEAR) || module.equals(entry) || module.endsWith("." + entry);
  }

  /** Whether {@code module}, or one that it is part of, is meant by one of {@code entries}. */
  public static boolean matchesPart(List<String> entries, String module) {
    for (String part = module; !part.isEmpty(); part = parent(part)) {
      if (matches(entries, part)) {
        return true;
      }
    }
    return false;
  }

  private static String parent(String module) {
    return module.substring(0, Math.max(0, module.lastIndexOf('.')));
  }

  /** Whether these entries are one that PEFT writes as a string: a regular expression, or all. */
  public static boolean isOneString(List<String> entries) {
    return entries.size() == 1
        && (entries.get(0).startsWith(REGEX) || entries.get(0).equals(ALL_LINEAR));
  }

  /**
   * Checks that a regular expression can be read, and stands alone.
   *
   * @throws IllegalArgumentException if not
   */
  public static void check(List<String> entries) {
    for (String entry : entries) {
      if (entry.startsWith(REGEX)) {
        ModuleRegex.compiled(entry.substring(REGEX.length()));
        if (entries.size() > 1) {
          throw new IllegalArgumentException(
              "Cannot match modules: %s (a regular expression stands alone: write the names into it)"
                  .formatted(String.join(", ", entries)));
        }
      }
    }
  }
}
