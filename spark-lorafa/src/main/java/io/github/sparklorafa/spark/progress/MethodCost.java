package io.github.sparklorafa.spark.progress;

/**
 * What a way to train needs, as planned before the first step.
 *
 * @param name of the method, and what it recomputes
 * @param keptBytes the most that a worker keeps for the backward pass of one micro-batch of the
 *     longest rows
 * @param memoryBytes that a worker needs outside the Java heap in all
 * @param sentBytes that a worker gives to the all-reduce at a synchronisation
 */
public record MethodCost(String name, long keptBytes, long memoryBytes, long sentBytes) {
  /** Event logs from elsewhere may leave texts out. */
  public MethodCost {
    name = Texts.of(name);
  }
}
