package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.spark.progress.MethodCost;
import io.github.sparklorafa.spark.progress.Redaction;
import io.github.sparklorafa.spark.progress.RunEvents;
import io.github.sparklorafa.train.MethodPlan;
import io.github.sparklorafa.train.RunSettings;
import io.github.sparklorafa.train.TrainConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/** What is told of a run, or written beside its result, without secrets. */
final class RunTexts {
  private static final String OPTIONS = "options";

  private RunTexts() {}

  /** Tells that a run begins. */
  static RunEvents begin(SparkContext context, JobPlan plan) {
    Map<String, String> settings = RunSettings.of(plan.config());
    return RunEvents.begin(
        context, redacted(settings, plan.config(), plan.cluster().conf()), methods(plan));
  }

  /** Settings without the secrets in the reader's options and in paths. */
  static Map<String, String> redacted(
      Map<String, String> settings, TrainConfig config, SparkConf conf) {
    settings.computeIfPresent(
        OPTIONS,
        (name, text) ->
            RunSettings.pairs(
                new TreeMap<>(new Redaction(conf).options(config.reading().options()))));
    settings.replaceAll((name, text) -> Redaction.text(text));
    return settings;
  }

  /** What the user may want to know before the first stage. */
  static List<String> notes(SparkContext context, TrainConfig asked, JobPlan plan, String run) {
    List<String> notes = new ArrayList<>();
    address(context, run).ifPresent(notes::add);
    ModelChecks.lengthNote(asked.maxLength(), plan.shape()).ifPresent(notes::add);
    if (asked.workers() > 1) {
      notes.add(TransportChoice.described(plan.transport(), plan.cluster().conf()));
    }
    if (asked.microBatchSize() == TrainConfig.AUTO) {
      notes.add("Micro-batches of %d sequences".formatted(plan.config().microBatchSize()));
    }
    return notes;
  }

  /** Where the run is to be seen, if anywhere. */
  private static Optional<String> address(SparkContext context, String run) {
    boolean shown = context.getConf().get("spark.plugins", "").contains(RunEvents.PLUGIN);
    return shown && context.uiWebUrl().isDefined()
        ? Optional.of(
            "Spark's UI shows it: %s/lora-fa/run/?id=%s".formatted(context.uiWebUrl().get(), run))
        : Optional.empty();
  }

  private static List<MethodCost> methods(JobPlan plan) {
    return MethodPlan.compare(plan.config(), plan.shape(), 0).stream()
        .map(
            way ->
                new MethodCost(
                    way.name(),
                    way.memory().tape(),
                    way.memory().bytesOutsideHeap(),
                    way.sentBytes()))
        .toList();
  }
}
