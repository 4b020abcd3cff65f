package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import java.util.Collection;

/**
 * What of a model a run trains, by the names of modules: it decides what the tape keeps.
 *
 * @param method of the run
 * @param adapter where adapters stand, and what is saved beside them
 */
record TrainedModules(Method method, AdapterConfig adapter) {
  /** Whether the module itself is trained. */
  boolean whole(String module) {
    return !method.adapts() || adapter.saves(module);
  }

  /** Whether an adapter stands in the projection's place. */
  boolean adapted(String projection) {
    return method.adapts() && adapter.adapts(projection);
  }

  /** Whether the projection, or an adapter in its place, is trained. */
  boolean trained(String projection) {
    return whole(projection) || adapted(projection);
  }

  /** Whether the gradient of what is trained in the projection needs the projection's input. */
  boolean needsInput(String projection) {
    return whole(projection) || (adapted(projection) && method == Method.LORA);
  }

  /** Rank numbers that those of the projections keep that are adapted. */
  long ranks(Collection<String> projections) {
    return projections.stream().filter(this::adapted).mapToLong(adapter::rankOf).sum();
  }
}
