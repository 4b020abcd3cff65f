package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.TargetModules;
import java.util.List;
import java.util.Map;

/** What the part of a {@link TrainConfig} that says where adapters go must fulfil. */
final class AdapterChecks {
  private final Problems problems;

  AdapterChecks(Problems problems) {
    this.problems = problems;
  }

  void check(TrainConfig config) {
    if (config.targetModules().isEmpty()) {
      problems.add("Cannot use target modules: none (name modules, or all-linear)");
    }
    if (config.modulesToSave().stream().anyMatch(AdapterChecks::isNoName)) {
      problems.add(
          "Cannot use modules to save: %s (name modules, or use method full to train all)",
          String.join(", ", config.modulesToSave()));
    }
    if (config.excludeModules().contains(TargetModules.ALL_LINEAR)) {
      problems.add("Cannot use exclude modules: all-linear (name modules, or use method full)");
    }
    if (config.layersToTransform().stream().anyMatch(layer -> layer < 0)) {
      problems.add(
          "Cannot use layers to transform: %s (layers count from 0)", config.layersToTransform());
    }
    if (!config.layersToTransform().isEmpty()
        && config.targetModules().stream()
            .anyMatch(entry -> entry.startsWith(TargetModules.REGEX))) {
      problems.add(
          "Cannot use layers to transform: %s with target modules %s (PEFT refuses both together:"
              + " write the layers into the expression)",
          config.layersToTransform(), String.join(", ", config.targetModules()));
    }
    numbers("rank pattern", config.rankPattern(), 1, "use ranks of 1 or more");
    numbers("alpha pattern", config.alphaPattern(), Double.MIN_VALUE, "use numbers above 0");
    if (!(config.loraDropout() >= 0 && config.loraDropout() < 1)) {
      problems.add(
          "Cannot use LoRA dropout: %s (use a number from 0 to below 1)", config.loraDropout());
    }
    problems.collect(config::adapter);
  }

  private static boolean isNoName(String entry) {
    return TargetModules.isOneString(List.of(entry));
  }

  private void numbers(
      String name, Map<String, ? extends Number> pattern, double smallest, String wayOut) {
    pattern.forEach(
        (key, number) -> {
          double value = number.doubleValue();
          if (!(value >= smallest) || Double.isInfinite(value)) {
            problems.add("Cannot use %s: %s=%s (%s)", name, key, number, wayOut);
          }
        });
  }
}
