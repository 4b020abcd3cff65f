package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.AdapterPatterns;
import io.github.sparklorafa.lora.TargetModules;
import io.github.sparklorafa.train.Problems;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Whether all that is said about modules to adapt means some of the model's. */
final class TargetChecks {
  private final AdapterConfig adapter;
  private final int layers;
  private final List<String> modules;
  private final Problems problems;

  /**
   * @param linears full names of the model's linear layers
   */
  TargetChecks(AdapterConfig adapter, Collection<String> linears, Problems problems) {
    this.adapter = adapter;
    this.modules = List.copyOf(linears);
    this.layers =
        1 + modules.stream().mapToInt(name -> adapter.patterns().layer(name)).max().orElse(-1);
    this.problems = problems;
  }

  void check() {
    List<String> unmet =
        adapter.targetModules().stream()
            // PEFT lists the linear layers of a head that is trained in full as targets too.
            .filter(target -> !adapter.saves(target))
            .filter(target -> modules.stream().noneMatch(m -> TargetModules.matches(target, m)))
            .toList();
    if (!unmet.isEmpty()) {
      problems.add(
          "Cannot adapt target modules: %s (the model has no linear layer that ends so; use"
              + " all-linear or some of %s)",
          String.join(", ", unmet), lastParts());
    } else if (modules.stream().noneMatch(adapter::adapts)) {
      problems.add(
          "Cannot adapt target modules: %s (layers to transform, modules to save or exclude modules"
              + " leave none of them)",
          String.join(", ", adapter.targetModules()));
    }
    List<Integer> missing =
        adapter.patterns().layersToTransform().stream().filter(layer -> layer >= layers).toList();
    if (!missing.isEmpty()) {
      problems.add(
          "Cannot use layers to transform: %s (the model has the layers 0 to %d)",
          missing, layers - 1);
    }
    checkKeys("rank pattern", adapter.patterns().ranks().keySet());
    checkKeys("alpha pattern", adapter.patterns().alphas().keySet());
  }

  private void checkKeys(String name, Collection<String> keys) {
    List<String> adapted = modules.stream().filter(adapter::adapts).toList();
    for (String key : keys) {
      if (adapted.stream().noneMatch(module -> AdapterPatterns.matches(key, module))) {
        problems.add(
            "Cannot use %s: %s (it matches the end of no adapted module's name%s)",
            name, key, adapted.isEmpty() ? "" : ", such as " + adapted.get(0));
      }
    }
  }

  private String lastParts() {
    return modules.stream()
        .map(name -> name.substring(name.lastIndexOf('.') + 1))
        .distinct()
        .collect(Collectors.joining(", "));
  }
}
