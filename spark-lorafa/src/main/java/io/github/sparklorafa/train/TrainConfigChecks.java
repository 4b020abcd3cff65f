package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.WireDType;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.BaseDType;

/** What a {@link TrainConfig} must fulfil before anything is read or started. */
final class TrainConfigChecks {
  private final Problems problems = new Problems();

  private TrainConfigChecks() {}

  /** The same, if nothing is wrong with it. */
  static TrainConfig checked(TrainConfig config) {
    problems(config).throwIfAny();
    return config;
  }

  static Problems problems(TrainConfig config) {
    TrainConfigChecks checks = new TrainConfigChecks();
    checks.paths(config);
    checks.task(config);
    checks.adapter(config);
    checks.batches(config);
    checks.optimizer(config);
    checks.evaluation(config);
    checks.state(config);
    checks.synchronisation(config.synchronisation());
    checks.problems.collect(() -> Optimizers.kind(config));
    return checks.problems;
  }

  private void synchronisation(Synchronisation synchronisation) {
    atLeast("sync every", synchronisation.syncEvery(), 1);
    if (synchronisation.transport().isOverBlocks()
        && synchronisation.wireDtype() != WireDType.FP32) {
      problems.add(
          "Cannot use wire dtype: %s with transport %s (leave it out; transport bigdl-fp16 sends"
              + " half the bytes, in BigDL's own way)",
          synchronisation.wireText(), synchronisation.transport().text());
    }
  }

  private void paths(TrainConfig config) {
    given("model", config.model(), "name the folder of a Hugging Face checkpoint");
    given("data", config.data(), "name a path or table");
    given("output", config.output(), "name a folder that does not exist yet");
  }

  private void task(TrainConfig config) {
    TaskSettings settings = config.taskSettings();
    atLeast("number of labels", settings.numLabels(), 0);
    atLeast("max target length", settings.maxTargetLength(), 0);
    if (!(settings.mlmProbability() > 0 && settings.mlmProbability() < 1)) {
      problems.add(
          "Cannot use mlm probability: %s (use a share between 0 and 1, such as 0.15)",
          settings.mlmProbability());
    }
    boolean classifies = config.task() == Task.SEQUENCE_CLASSIFICATION;
    if (!classifies && settings.numLabels() > 0) {
      problems.add(
          "Cannot use number of labels: %d with task %s (use task sequence-classification)",
          settings.numLabels(), config.task().text());
    }
    if (!classifies && settings.freezeHead()) {
      problems.add(
          "Cannot use freeze head: true with task %s (modules that are not named are frozen"
              + " already)",
          config.task().text());
    }
    if (config.packing() && config.task() != Task.CAUSAL_LM) {
      problems.add(
          "Cannot use packing: true with task %s (use group by length)", config.task().text());
    }
  }

  private void adapter(TrainConfig config) {
    atLeast("rank", config.rank(), 1);
    above("alpha", config.alpha(), 0);
    new AdapterChecks(problems).check(config);
    if (config.gradientCorrection() != GradientCorrectionMode.NONE
        && config.method() != Method.LORA_FA) {
      problems.add(
          "Cannot use gradient correction: %s with method %s (it needs a frozen A: use method"
              + " lora-fa, or gradient correction none)",
          config.gradientCorrection().text(), config.method().text());
    }
    if (config.method() == Method.FULL) {
      if (!config.initAdapter().isEmpty()) {
        problems.add(
            "Cannot use initial adapter: %s with method full (use method lora-fa or lora)",
            config.initAdapter());
      }
      if (config.baseDtype() != BaseDType.of(config.dtype())) {
        problems.add(
            "Cannot use base dtype: %s with method full (it trains all weights, and keeps none"
                + " frozen: use method lora-fa or lora, or leave it out)",
            config.baseDtype().text());
      }
      if (!config.modulesToSave().isEmpty()) {
        problems.add(
            "Cannot use modules to save: %s with method full (it trains and saves all modules:"
                + " leave them out)",
            config.modulesToSave());
      }
    }
  }

  private void batches(TrainConfig config) {
    atLeast("workers", config.workers(), 1);
    atLeast("batch size", config.batchSize(), 1);
    atLeast("micro-batch size", config.microBatchSize(), TrainConfig.AUTO);
    above("epochs", config.epochs(), 0);
    atLeast("max steps", config.maxSteps(), 0);
    if (config.maxLength() != 0) {
      // A sequence of one token has no next token to learn.
      atLeast("max length", config.maxLength(), 2);
    }
    if ((long) config.microBatchSize() * config.maxLength() > Integer.MAX_VALUE) {
      problems.add(
          "Cannot use micro-batch size: %d with max length %d (a micro-batch has at most %d tokens:"
              + " lower one of the two)",
          config.microBatchSize(), config.maxLength(), Integer.MAX_VALUE);
    }
    grouping(config);
  }

  private void grouping(TrainConfig config) {
    if (config.groupByLength() && !config.shuffle()) {
      problems.add(
          "Cannot use group by length: true with shuffle false (grouping changes the order of the"
              + " rows: use shuffle true)");
    }
    if (config.groupByLength() && config.packing()) {
      problems.add(
          "Cannot use group by length: true with packing true (packed sequences are of like length"
              + " already: use one of the two)");
    }
  }

  private void optimizer(TrainConfig config) {
    above("learning rate", config.learningRate(), 0);
    atLeast("warm-up steps", config.warmupSteps(), 0);
    atLeast("weight decay", config.weightDecay(), 0);
    decay("beta1", config.beta1());
    decay("beta2", config.beta2());
    above("epsilon", config.epsilon(), 0);
    atLeast("max grad norm", config.maxGradNorm(), 0);
  }

  private void evaluation(TrainConfig config) {
    atLeast("eval every", config.evalEvery(), 0);
    if (config.evalEvery() > 0 && config.evalData().isEmpty()) {
      problems.add(
          "Cannot evaluate every %d steps: no evaluation data (name eval data too)",
          config.evalEvery());
    }
  }

  private void state(TrainConfig config) {
    atLeast("head learning rate", config.headLearningRate(), 0);
    if (config.headLearningRate() > 0 && config.modulesToSave().isEmpty()) {
      problems.add(
          "Cannot use head learning rate: %s without modules to save (name them, such as lm_head)",
          config.headLearningRate());
    }
    atLeast("checkpoint every", config.checkpointing().checkpointEvery(), 1);
    atLeast("keep checkpoints", config.checkpointing().keepCheckpoints(), 1);
    if (config.checkpointing().resume().isBlank()) {
      problems.add("Cannot use resume: nothing given (use auto, never or a checkpoint's path)");
    }
    atLeast("early stopping patience", config.stopping().earlyStoppingPatience(), 0);
    MetricForBest metric = config.stopping().metric();
    if (!metric.fits(config.task())) {
      problems.add(
          "Cannot use metric for best: %s with task %s (use %s)",
          metric.text(), config.task().text(), MetricForBest.namesFor(config.task()));
    }
    if (metric.needsClasses()
        && config.taskSettings().problemType() == TaskSettings.ProblemType.REGRESSION) {
      problems.add(
          "Cannot use metric for best: %s with problem type regression (use eval_loss, the mean"
              + " squared error)",
          metric.text());
    }
    if (config.stopping().keepsBest() && (config.evalEvery() == 0 || config.evalData().isEmpty())) {
      problems.add(
          "Cannot find the best step: by %s, but nothing is evaluated on the way (name eval data"
              + " and eval every)",
          metric.text());
    }
  }

  private void given(String name, String value, String wayOut) {
    if (value == null || value.isBlank()) {
      problems.add("Cannot train without %s: nothing given (%s)", name, wayOut);
    }
  }

  private void atLeast(String name, long value, long smallest) {
    if (value < smallest) {
      problems.add("Cannot use %s: %d (use %d or more)", name, value, smallest);
    }
  }

  private void atLeast(String name, double value, long smallest) {
    if (!(value >= smallest) || Double.isInfinite(value)) {
      problems.add("Cannot use %s: %s (use %d or more)", name, value, smallest);
    }
  }

  private void above(String name, double value, long bound) {
    if (!(value > bound) || Double.isInfinite(value)) {
      problems.add("Cannot use %s: %s (use a number above %d)", name, value, bound);
    }
  }

  private void decay(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      problems.add("Cannot use %s: %s (use a number from 0 to below 1)", name, value);
    }
  }
}
