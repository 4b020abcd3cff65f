package io.github.sparklorafa.cli;

import java.util.function.Function;

/** Flags of {@link io.github.sparklorafa.train.Extras}. */
final class ExtraFlags {
  private ExtraFlags() {}

  static void add(FlagList f) {
    f.text(
        "optimizer",
        "adamw|bigdl:NAME",
        "AdamW, or one of BigDL's from the jar spark-lorafa-bigdl, as bigdl:Adam.",
        c -> c.extras().optimizer(),
        (b, value) -> b.extras(e -> e.withOptimizer(value)));
    f.add(
        "optimizer-options",
        "NAME=VALUE,...",
        "What BigDL's optimizer and its schedule are to be told.",
        c -> c.extras().optionsText(),
        Function.identity(),
        (b, value) -> b.extras(e -> e.withOptimizerOptions(value)));
    f.text(
        "tensorboard",
        "FOLDER",
        "Write event files for TensorBoard here, by the jar spark-lorafa-bigdl.",
        c -> c.extras().tensorboard(),
        (b, value) -> b.extras(e -> e.withTensorboard(value)));
  }
}
