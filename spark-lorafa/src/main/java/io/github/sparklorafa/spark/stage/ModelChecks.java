package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.lora.TargetModules;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.train.GradientCorrectionMode;
import io.github.sparklorafa.train.MetricForBest;
import io.github.sparklorafa.train.PackedBase;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.TaskSettings.ProblemType;
import io.github.sparklorafa.train.TrainConfig;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What follows from a model's shape alone, without its weights. */
final class ModelChecks {
  private ModelChecks() {}

  static void check(TrainConfig config, ModelConfig shape, Cluster cluster, Problems problems) {
    checkModules(config, shape, problems);
    checkMetric(config, shape, problems);
    checkLength(config.maxLength(), shape, problems);
    TrainingPlan.of(cluster.conf(), config, shape).problem().ifPresent(problems::add);
  }

  /**
   * Whether the longest rows have positions.
   *
   * @param maxLength 0 for the model's usual one
   */
  static void checkLength(int maxLength, ModelConfig shape, Problems problems) {
    int most = shape.maxPositionEmbeddings();
    if (shape.learnsPositions() && maxLength > most) {
      problems.add(
          "Cannot use max length: %d (the model has positions for %d tokens: use that or less)",
          maxLength, most);
    }
  }

  /**
   * Rotary positions go on beyond those that the model was trained on, but nobody taught them.
   *
   * @param maxLength 0 for the model's usual one
   */
  static Optional<String> lengthNote(int maxLength, ModelConfig shape) {
    return shape.learnsPositions() || maxLength <= shape.maxPositionEmbeddings()
        ? Optional.empty()
        : Optional.of(
            "Max length %d is beyond the %d tokens that the model was trained for: expect less of longer texts"
                .formatted(maxLength, shape.maxPositionEmbeddings()));
  }

  /**
   * The tokens that rows are cut to before a prediction.
   *
   * @param asked 0 for the model's usual one
   * @param shape null if it is not known, which is a problem already
   */
  static int length(int asked, ModelConfig shape, Problems problems) {
    if (asked < 2 && asked != 0) {
      problems.add("Cannot use max length: %d (use 2 or more)", asked);
    }
    if (shape == null) {
      return asked;
    }
    checkLength(asked, shape, problems);
    return asked == 0 ? shape.usualLength() : asked;
  }

  /** What is said of the problem type itself is checked with the configuration. */
  static void checkMetric(TrainConfig config, ModelConfig shape, Problems problems) {
    MetricForBest metric = config.stopping().metric();
    if (metric.needsClasses()
        && config.taskSettings().problemType() == ProblemType.AUTO
        && shape.objective() instanceof Objective.Classification classes
        && classes.kind() == Objective.Kind.REGRESSION) {
      problems.add(
          "Cannot use metric for best: %s with problem type regression (use eval_loss, the mean"
              + " squared error)",
          metric.text());
    }
  }

  /** Whether all that is said about modules means some of the model's. */
  static void checkModules(TrainConfig config, ModelConfig shape, Problems problems) {
    if (config.method() == Method.FULL) {
      return;
    }
    AdapterConfig adapter = config.adapter();
    new TargetChecks(adapter, shape.linearLayers().keySet(), problems).check();
    checkModulesToSave(config.modulesToSave(), shape, problems);
    PackedBase.check(config, shape, problems);
    if (config.gradientCorrection() == GradientCorrectionMode.GRAM) {
      checkInverses(adapter, shape, problems);
    }
  }

  private static void checkModulesToSave(List<String> saved, ModelConfig shape, Problems problems) {
    Set<String> tensors = new TreeSet<>(shape.tensors().keySet());
    shape.tiedHead().ifPresent(tied -> tensors.add(tied.head()));
    List<String> modules =
        tensors.stream().map(name -> name.substring(0, name.lastIndexOf('.'))).toList();
    List<String> unmet =
        saved.stream()
            .filter(
                entry ->
                    modules.stream().noneMatch(m -> TargetModules.matchesPart(List.of(entry), m)))
            .toList();
    if (!unmet.isEmpty()) {
      problems.add(
          "Cannot train modules to save: %s (the model has no module that ends so; lm_head and embed_tokens are usual, and where they are tied, one of the two)",
          unmet);
    }
  }

  /** With more rows than columns A Aᵀ has no inverse. */
  private static void checkInverses(AdapterConfig adapter, ModelConfig shape, Problems problems) {
    shape.linearLayers().entrySet().stream()
        .filter(linear -> adapter.adapts(linear.getKey()))
        .filter(linear -> adapter.rankOf(linear.getKey()) > linear.getValue().in())
        .findFirst()
        .ifPresent(
            linear ->
                problems.add(
                    "Cannot use gradient correction: gram with rank %d in %s (its input has %d"
                        + " numbers: use a rank up to that, or gradient correction none)",
                    adapter.rankOf(linear.getKey()), linear.getKey(), linear.getValue().in()));
  }
}
