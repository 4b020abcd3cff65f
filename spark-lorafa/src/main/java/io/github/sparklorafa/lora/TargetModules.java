package io.github.sparklorafa.lora;

import java.util.List;

/**
 * Matches module names as PEFT does: the dotted name equals an entry or ends with {@code .entry}.
 */
public final class TargetModules {
  /** Stands for every linear layer of the model but its output head. */
  public static final String ALL_LINEAR = "all-linear";

  private TargetModules() {}

  /** Whether {@code module} is meant by one of {@code entries}. */
  public static boolean matches(List<String> entries, String module) {
    return entries.stream().anyMatch(entry -> matches(entry, module));
  }

  /** Whether {@code module} is meant by {@code entry}. */
  public static boolean matches(String entry, String module) {
    return entry.equals(ALL_LINEAR) || module.equals(entry) || module.endsWith("." + entry);
  }
}
