package io.github.sparklorafa.lora;

import java.io.Serializable;
import java.util.List;

/**
 * What an adapter is, apart from its numbers.
 *
 * @param rank numbers between A and B
 * @param alpha scale of the update, before it is divided
 * @param targetModules names of the linear layers to adapt, as PEFT matches them, or {@link
 *     TargetModules#ALL_LINEAR} alone
 * @param modulesToSave names of modules that are trained in full and saved with the adapter
 * @param rsLora whether alpha is divided by √rank (Kalajdzievski, 2023) and not by rank
 */
public record AdapterConfig(
    int rank, double alpha, List<String> targetModules, List<String> modulesToSave, boolean rsLora)
    implements Serializable {
  /** Copies the lists. */
  public AdapterConfig {
    targetModules = List.copyOf(targetModules);
    modulesToSave = List.copyOf(modulesToSave);
  }

  /** The factor {@code s} of {@code B A}. */
  public double scale() {
    return alpha / (rsLora ? Math.sqrt(rank) : rank);
  }

  /** Whether {@code module} gets A and B: it is a target, and is not trained in full anyway. */
  public boolean adapts(String module) {
    return TargetModules.matches(targetModules, module)
        && !TargetModules.matches(modulesToSave, module);
  }
}
