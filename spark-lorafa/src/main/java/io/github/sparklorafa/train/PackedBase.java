package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.lora.TargetModules;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.nn.FrozenBase;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Which weights of a run are frozen and held in another way than they are computed with. */
public final class PackedBase {
  private PackedBase() {}

  static FrozenBase of(TrainConfig config, ModelConfig shape) {
    return config.method() == Method.FULL
        ? FrozenBase.NONE
        : FrozenBase.of(config.baseDtype(), config.dtype(), shape.packableWeights());
  }

  /** How an adapter's file tells of a base in few bits; empty where it was none. */
  static Optional<String> note(TrainConfig config) {
    return switch (config.baseDtype()) {
      case INT8, NF4 -> Optional.of(config.baseDtype().text());
      case FP32, BF16 -> Optional.empty();
    };
  }

  /** Whether the modules to save leave alone what is to be frozen. */
  public static void check(TrainConfig config, ModelConfig shape, Problems problems) {
    AdapterConfig adapter = config.adapter();
    FrozenBase base = of(config, shape);
    Set<String> trained = new TreeSet<>(base.weights());
    trained.removeIf(weight -> !adapter.saves(TrainedModel.module(weight)));
    if (!trained.isEmpty()) {
      List<String> entries =
          config.modulesToSave().stream()
              .filter(entry -> trained.stream().anyMatch(weight -> saves(entry, weight)))
              .toList();
      problems.add(
          "Cannot train modules to save: %s with base dtype %s (a weight in few bits cannot be"
              + " trained: adapt it, or leave base dtype out)",
          String.join(", ", entries), config.baseDtype().text());
    }
  }

  private static boolean saves(String entry, String weight) {
    return TargetModules.matchesPart(List.of(entry), TrainedModel.module(weight));
  }
}
