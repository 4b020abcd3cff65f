package io.github.sparklorafa.lora;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where an adapter differs from module to module, as PEFT has it. Maps keep their order: the first
 * key that matches a module decides.
 *
 * @param ranks {@code rank_pattern}: ranks by regular expressions for the ends of module names
 * @param alphas {@code alpha_pattern}: alphas in the same way
 * @param layersToTransform numbers of the only layers that are adapted; empty means all
 * @param layersPattern expressions for what stands before a layer's number; empty means any name
 * @param excludeModules names, or one {@code regex:…}, of modules that get no adapter
 */
public record AdapterPatterns(
    Map<String, Integer> ranks,
    Map<String, Double> alphas,
    List<Integer> layersToTransform,
    List<String> layersPattern,
    List<String> excludeModules)
    implements Serializable {
  /** The same for all modules. */
  public static final AdapterPatterns NONE =
      new AdapterPatterns(Map.of(), Map.of(), List.of(), List.of(), List.of());

  /**
   * Copies maps and lists.
   *
   * @throws IllegalArgumentException if an expression cannot be read
   */
  public AdapterPatterns {
    ranks = Collections.unmodifiableMap(new LinkedHashMap<>(ranks));
    alphas = Collections.unmodifiableMap(new LinkedHashMap<>(alphas));
    layersToTransform = List.copyOf(layersToTransform);
    layersPattern = List.copyOf(layersPattern);
    excludeModules = List.copyOf(excludeModules);
    ranks.keySet().forEach(ModuleRegex::compiled);
    alphas.keySet().forEach(ModuleRegex::compiled);
    layersPattern.forEach(ModuleRegex::compiled);
    TargetModules.check(excludeModules);
  }

  /** Whether {@code key}, of the ranks or alphas, matches {@code module}. */
  public static boolean matches(String key, String module) {
    return ModuleRegex.matchesEnd(key, module);
  }

  int rankOf(String module, int orElse) {
    return ModuleRegex.firstKey(ranks.keySet(), module).map(ranks::get).orElse(orElse);
  }

  double alphaOf(String module, double orElse) {
    return ModuleRegex.firstKey(alphas.keySet(), module).map(alphas::get).orElse(orElse);
  }

  boolean excludes(String module) {
    return TargetModules.matches(excludeModules, module);
  }

  /** The number of the layer that {@code module} is in, or −1 if it is in none. */
  public int layer(String module) {
    return ModuleRegex.layer(layersPattern, module).orElse(-1);
  }

  /** Whether {@code module} is in a layer that is adapted. */
  boolean transforms(String module) {
    return layersToTransform.isEmpty()
        || ModuleRegex.layer(layersPattern, module).stream().anyMatch(layersToTransform::contains);
  }
}
