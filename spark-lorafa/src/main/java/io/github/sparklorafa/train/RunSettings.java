package io.github.sparklorafa.train;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.RowShape;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A configuration as texts, by the names of {@code train}'s flags and in their order. */
public final class RunSettings {
  private static final List<String> ROLES =
      List.of(
          RowShape.TEXT,
          RowShape.PROMPT,
          RowShape.COMPLETION,
          RowShape.INPUT_IDS,
          RowShape.ATTENTION_MASK,
          RowShape.TOKEN_TYPE_IDS,
          RowShape.LABELS,
          RowShape.TEXT_PAIR,
          RowShape.LABEL,
          RowShape.MESSAGES,
          RowShape.INSTRUCTION,
          RowShape.INPUT,
          RowShape.OUTPUT);

  private final Map<String, String> texts = new LinkedHashMap<>();

  private RunSettings() {}

  /** All settings; those that are not given are empty. The reader's options may hold secrets. */
  public static Map<String, String> of(TrainConfig config) {
    RunSettings settings = new RunSettings();
    settings.task(config);
    settings.inputs(config);
    settings.adapter(config);
    settings.batches(config);
    settings.optimizer(config);
    settings.rows(config);
    settings.state(config);
    return settings.texts;
  }

  /** Those that are not what a run with nothing but these paths has. */
  public static Map<String, String> chosen(TrainConfig config) {
    TrainConfig plain =
        TrainConfig.builder()
            .model(config.model())
            .data(config.data())
            .output(config.output())
            .build();
    Map<String, String> usual = of(plain);
    Map<String, String> chosen = new LinkedHashMap<>();
    of(config)
        .forEach(
            (name, text) -> {
              if (List.of("model", "data", "output").contains(name)
                  || !text.equals(usual.get(name))) {
                chosen.put(name, text);
              }
            });
    return chosen;
  }

  private void task(TrainConfig c) {
    put("task", c.task().text());
    put("num-labels", c.taskSettings().numLabels());
    put("problem-type", c.taskSettings().problemType().text());
    put("freeze-head", c.taskSettings().freezeHead());
    put("mlm-probability", c.taskSettings().mlmProbability());
    put("max-target-length", c.taskSettings().maxTargetLength());
  }

  private void inputs(TrainConfig c) {
    put("model", c.model());
    put("data", c.data());
    put("format", c.format().text());
    put("eval-data", c.evalData());
    Columns columns = c.columns();
    ROLES.forEach(role -> put(role.replace('_', '-') + "-column", columns.given(role)));
    put("options", pairs(new TreeMap<>(c.reading().options())));
    put("where", c.reading().where());
    put("eval-where", c.reading().evalWhere());
    put("output", c.output());
  }

  private void adapter(TrainConfig c) {
    put("method", c.method().text());
    put("rank", c.rank());
    put("alpha", c.alpha());
    put("target-modules", list(c.targetModules()));
    put("exclude-modules", list(c.excludeModules()));
    put("layers-to-transform", list(c.layersToTransform()));
    put("rank-pattern", pairs(c.rankPattern()));
    put("alpha-pattern", pairs(c.alphaPattern()));
    put("lora-dropout", c.loraDropout());
    put("modules-to-save", list(c.modulesToSave()));
    put("init-a", c.initA().text());
    put("init-adapter", c.initAdapter());
    put("gradient-correction", c.gradientCorrection().text());
    put("use-rslora", c.useRslora());
  }

  private void batches(TrainConfig c) {
    put("workers", c.workers());
    put("device", c.device().text());
    put("dtype", c.dtype().text());
    put("base-dtype", c.baseDtype().text());
    put("batch-size", c.batchSize());
    put(
        "micro-batch-size",
        c.microBatchSize() == TrainConfig.AUTO ? "auto" : Integer.toString(c.microBatchSize()));
    put("recompute", Recomputation.of(c));
    put("memory", MemorySize.text(c.memory()));
    put("epochs", c.epochs());
    put("max-steps", c.maxSteps());
  }

  private void optimizer(TrainConfig c) {
    put("learning-rate", c.learningRate());
    put("schedule", c.schedule().text());
    put("warmup-steps", c.warmupSteps());
    put("weight-decay", c.weightDecay());
    put("beta1", c.beta1());
    put("beta2", c.beta2());
    put("epsilon", c.epsilon());
    put("max-grad-norm", c.maxGradNorm());
  }

  private void rows(TrainConfig c) {
    put("max-length", c.maxLength());
    put("shuffle", c.shuffle());
    put("packing", c.packing());
    put("group-by-length", c.groupByLength());
    put("seed", Long.toString(c.seed()));
    put("eval-every", c.evalEvery());
    put("metrics", c.metrics());
  }

  private void state(TrainConfig c) {
    put("head-learning-rate", c.headLearningRate());
    put("checkpoint-dir", c.checkpointing().checkpointDir());
    put("checkpoint-every", c.checkpointing().checkpointEvery());
    put("keep-checkpoints", c.checkpointing().keepCheckpoints());
    put("resume", c.checkpointing().resume());
    put("early-stopping-patience", c.stopping().earlyStoppingPatience());
    put("metric-for-best", c.stopping().metricForBest().text());
    put("on-nan", c.stopping().onNan().text());
    put("wire-dtype", c.synchronisation().wireText());
    put("sync-every", c.synchronisation().syncEvery());
    put("transport", c.synchronisation().transport().text());
    put("optimizer", c.extras().optimizer());
    put("optimizer-options", c.extras().optionsText());
    put("tensorboard", c.extras().tensorboard());
  }

  private void put(String name, Object value) {
    texts.put(name, text(value));
  }

  private static String list(Collection<?> values) {
    return values.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /** {@code key=value,…}, as flags take them. */
  public static String pairs(Map<String, ?> values) {
    return values.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
        .collect(Collectors.joining(","));
  }

  /** 32 and not 32.0, 5e-4 as 5.0E-4. */
  private static String text(Object value) {
    return value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e9
        ? Long.toString(number.longValue())
        : String.valueOf(value);
  }
}
