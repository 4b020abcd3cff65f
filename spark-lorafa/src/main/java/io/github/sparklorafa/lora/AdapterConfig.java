package io.github.sparklorafa.lora;

import java.io.Serializable;
import java.util.List;

/**
 * What an adapter is, apart from its numbers.
 *
 * @param rank numbers between A and B, where the patterns say nothing else
 * @param alpha scale of the update, before it is divided, where the patterns say nothing else
 * @param targetModules names of the linear layers to adapt, as PEFT matches them, or alone {@link
 *     TargetModules#ALL_LINEAR} or a regular expression behind {@link TargetModules#REGEX}
 * @param modulesToSave names of modules that are trained in full and saved with the adapter
 * @param rsLora whether alpha is divided by √rank (Kalajdzievski, 2023) and not by rank
 * @param patterns where modules differ
 * @param dropout share of the numbers of A's input that training leaves out at random
 */
public record AdapterConfig(
    int rank,
    double alpha,
    List<String> targetModules,
    List<String> modulesToSave,
    boolean rsLora,
    AdapterPatterns patterns,
    double dropout)
    implements Serializable {
  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if a regular expression cannot be read
   */
  public AdapterConfig {
    targetModules = List.copyOf(targetModules);
    modulesToSave = List.copyOf(modulesToSave);
    TargetModules.check(targetModules);
  }

  /** An adapter that is the same in all modules, without dropout. */
  public AdapterConfig(
      int rank,
      double alpha,
      List<String> targetModules,
      List<String> modulesToSave,
      boolean rsLora) {
    this(rank, alpha, targetModules, modulesToSave, rsLora, AdapterPatterns.NONE, 0);
  }

  /** The rank of the adapter of {@code module}. */
  public int rankOf(String module) {
    return patterns.rankOf(module, rank);
  }

  /** The factor {@code s} of {@code B A} in {@code module}. */
  public double scaleOf(String module) {
    double own = rankOf(module);
    return patterns.alphaOf(module, alpha) / (rsLora ? Math.sqrt(own) : own);
  }

  /** Whether {@code module} gets A and B: it is a target, and is not trained in full anyway. */
  public boolean adapts(String module) {
    // A module whose whole name is listed is meant, whatever its layer; PEFT has it so.
    return !patterns.excludes(module)
        && !saves(module)
        && TargetModules.matches(targetModules, module)
        && (targetModules.contains(module) || patterns.transforms(module));
  }

  /** Whether {@code module}, or one that it is part of, is trained in full. */
  public boolean saves(String module) {
    return TargetModules.matchesPart(modulesToSave, module);
  }
}
