package io.github.sparklorafa.cli;

import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.DataFormat;
import io.github.sparklorafa.train.DeviceChoice;
import io.github.sparklorafa.train.GradientCorrectionMode;
import io.github.sparklorafa.train.MemorySize;
import io.github.sparklorafa.train.MetricForBest;
import io.github.sparklorafa.train.OnNan;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.Recomputation;
import io.github.sparklorafa.train.Schedule;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** All flags of {@code train}, one for each field of {@link TrainConfig}. */
final class TrainFlags {
  static final List<TrainFlag> ALL = all();

  private TrainFlags() {}

  /**
   * The configuration that these texts make.
   *
   * @param texts by flag name; flags that are not there keep their defaults
   * @throws IllegalArgumentException with every problem, one a line
   */
  static TrainConfig config(Map<String, String> texts) {
    Problems problems = new Problems();
    TrainConfigBuilder builder = TrainConfig.builder();
    for (TrainFlag flag : ALL) {
      if (texts.containsKey(flag.name())) {
        problems.collect(() -> flag.setter().accept(builder, texts.get(flag.name())));
      }
    }
    TrainConfig[] config = new TrainConfig[1];
    problems.collect(() -> config[0] = builder.build());
    problems.throwIfAny();
    return config[0];
  }

  private static List<TrainFlag> all() {
    FlagList f = new FlagList();
    inputs(f);
    adapter(f);
    batches(f);
    optimizer(f);
    rowsAndReports(f);
    state(f);
    SynchronisationFlags.add(f);
    ExtraFlags.add(f);
    return f.all();
  }

  private static void inputs(FlagList f) {
    TaskFlags.add(f);
    f.text(
        "model",
        "FOLDER",
        "Hugging Face checkpoint: a local path or any URI that Hadoop knows.",
        TrainConfig::model,
        TrainConfigBuilder::model);
    f.text(
        "data",
        "PATH",
        "Training data: a path, or a table's name with --format table.",
        TrainConfig::data,
        TrainConfigBuilder::data);
    f.add(
        "format",
        "parquet|json|csv|orc|avro|text|delta|iceberg|table",
        "How the data is stored.",
        c -> c.format().text(),
        DataFormat::parse,
        TrainConfigBuilder::format);
    f.text(
        "eval-data",
        "PATH",
        "Evaluation data, stored as the training data is.",
        TrainConfig::evalData,
        TrainConfigBuilder::evalData);
    DatasetFlags.add(f);
    f.text(
        "output",
        "FOLDER",
        "Where the adapter or checkpoint goes; must not exist.",
        TrainConfig::output,
        TrainConfigBuilder::output);
  }

  private static void adapter(FlagList f) {
    f.add(
        "method",
        "lora-fa|lora|full",
        "What is trained.",
        c -> c.method().text(),
        Method::parse,
        TrainConfigBuilder::method);
    f.integer("rank", "Rank of the adapter.", TrainConfig::rank, TrainConfigBuilder::rank);
    f.real(
        "alpha",
        "Scale of the adapter: s = alpha / rank.",
        TrainConfig::alpha,
        TrainConfigBuilder::alpha);
    AdapterFlags.add(f);
    f.list(
        "modules-to-save",
        "Modules that are trained in full and saved with the adapter, comma-separated.",
        TrainConfig::modulesToSave,
        TrainConfigBuilder::modulesToSave);
    f.add(
        "init-a",
        "kaiming|normal|orthonormal",
        "How A is made.",
        c -> c.initA().text(),
        InitA::parse,
        TrainConfigBuilder::initA);
    f.text(
        "init-adapter",
        "FOLDER",
        "Adapter to start from.",
        TrainConfig::initAdapter,
        TrainConfigBuilder::initAdapter);
    f.add(
        "gradient-correction",
        "none|gram",
        "What is done to B's gradient.",
        c -> c.gradientCorrection().text(),
        GradientCorrectionMode::parse,
        TrainConfigBuilder::gradientCorrection);
    f.bool(
        "use-rslora",
        "Scale by alpha / sqrt(rank).",
        TrainConfig::useRslora,
        TrainConfigBuilder::useRslora);
  }

  private static void batches(FlagList f) {
    f.integer(
        "workers",
        "Executors that train, one worker in each.",
        TrainConfig::workers,
        TrainConfigBuilder::workers);
    f.add(
        "device",
        "auto|cpu|cuda",
        "Where to train.",
        c -> c.device().text(),
        DeviceChoice::parse,
        TrainConfigBuilder::device);
    f.add(
        "dtype",
        "fp32|bf16",
        "Numbers of frozen weights and activations.",
        c -> c.dtype().text(),
        DType::parse,
        TrainConfigBuilder::dtype);
    f.add(
        "base-dtype",
        "fp32|bf16|int8|nf4",
        "How frozen weights of linear layers are held; where nothing is given, as --dtype.",
        c -> c.baseDtype().text(),
        BaseDType::parse,
        TrainConfigBuilder::baseDtype);
    f.integer(
        "batch-size",
        "Sequences of a step, over all workers.",
        TrainConfig::batchSize,
        TrainConfigBuilder::batchSize);
    f.add(
        "micro-batch-size",
        "N|auto",
        "Sequences that a worker takes through the model at once; auto: as many as fit.",
        c -> c.microBatchSize() == TrainConfig.AUTO ? "auto" : "" + c.microBatchSize(),
        text -> text.equals("auto") ? TrainConfig.AUTO : FlagList.smallNumber(text),
        TrainConfigBuilder::microBatchSize);
    memory(f);
    f.real(
        "epochs",
        "Passes over the data, unless --max-steps is given.",
        TrainConfig::epochs,
        TrainConfigBuilder::epochs);
    f.integer(
        "max-steps",
        "Optimizer steps; 0 means by epochs.",
        TrainConfig::maxSteps,
        TrainConfigBuilder::maxSteps);
  }

  private static void memory(FlagList f) {
    f.add(
        "recompute",
        "none|elementwise|mlp|layer",
        "What the backward pass computes again so that it need not be kept.",
        Recomputation::of,
        Function.identity(),
        Recomputation::set);
    f.add(
        "memory",
        "SIZE",
        "What a worker may take outside the Java heap, as 24g; else as the cluster says.",
        c -> MemorySize.text(c.memory()),
        MemorySize::parse,
        TrainConfigBuilder::memory);
  }

  private static void optimizer(FlagList f) {
    f.real(
        "learning-rate",
        "Peak learning rate; where none is given, 5e-4 for method lora and 5e-5 for full.",
        TrainConfig::learningRate,
        TrainConfigBuilder::learningRate);
    f.add(
        "schedule",
        "constant|linear|cosine",
        "How the learning rate runs.",
        c -> c.schedule().text(),
        Schedule::parse,
        TrainConfigBuilder::schedule);
    f.integer(
        "warmup-steps",
        "Steps over which the learning rate rises.",
        TrainConfig::warmupSteps,
        TrainConfigBuilder::warmupSteps);
    f.real(
        "weight-decay",
        "Decoupled weight decay.",
        TrainConfig::weightDecay,
        TrainConfigBuilder::weightDecay);
    f.real(
        "beta1",
        "AdamW's decay of the first moment.",
        TrainConfig::beta1,
        TrainConfigBuilder::beta1);
    f.real(
        "beta2",
        "AdamW's decay of the second moment.",
        TrainConfig::beta2,
        TrainConfigBuilder::beta2);
    f.real("epsilon", "AdamW's epsilon.", TrainConfig::epsilon, TrainConfigBuilder::epsilon);
    f.real(
        "max-grad-norm",
        "Global norm that gradients are clipped at; 0 is off.",
        TrainConfig::maxGradNorm,
        TrainConfigBuilder::maxGradNorm);
  }

  private static void rowsAndReports(FlagList f) {
    f.integer(
        "max-length",
        "Tokens that a sequence is cut to; 0: 512, or as many as the model reads if these are fewer.",
        TrainConfig::maxLength,
        TrainConfigBuilder::maxLength);
    f.bool(
        "shuffle",
        "Another order in each epoch; false is the data's own order.",
        TrainConfig::shuffle,
        TrainConfigBuilder::shuffle);
    f.bool(
        "packing",
        "Pack rows into sequences of --max-length tokens, which batches then count.",
        TrainConfig::packing,
        TrainConfigBuilder::packing);
    f.bool(
        "group-by-length",
        "Put rows of like lengths into a batch.",
        TrainConfig::groupByLength,
        TrainConfigBuilder::groupByLength);
    f.add(
        "seed",
        "N",
        "Seed of A, of the order and of dropout.",
        c -> Long.toString(c.seed()),
        FlagList::wholeNumber,
        TrainConfigBuilder::seed);
    f.integer(
        "eval-every",
        "Steps between evaluations; 0 means at the end only.",
        TrainConfig::evalEvery,
        TrainConfigBuilder::evalEvery);
    f.text(
        "metrics",
        "FILE",
        "Write one JSON line for each step to this file.",
        TrainConfig::metrics,
        TrainConfigBuilder::metrics);
  }

  private static void state(FlagList f) {
    f.real(
        "head-learning-rate",
        "Peak learning rate of --modules-to-save; 0 means --learning-rate.",
        TrainConfig::headLearningRate,
        TrainConfigBuilder::headLearningRate);
    f.text(
        "checkpoint-dir",
        "FOLDER",
        "Write checkpoints of training here: a local path or any URI that Hadoop knows.",
        c -> c.checkpointing().checkpointDir(),
        (b, value) -> b.checkpointing(c -> c.withDir(value)));
    f.integer(
        "checkpoint-every",
        "Steps between checkpoints.",
        c -> c.checkpointing().checkpointEvery(),
        (b, value) -> b.checkpointing(c -> c.withEvery(value)));
    f.integer(
        "keep-checkpoints",
        "Checkpoints that stay, the newest ones.",
        c -> c.checkpointing().keepCheckpoints(),
        (b, value) -> b.checkpointing(c -> c.withKept(value)));
    f.text(
        "resume",
        "auto|never|PATH",
        "Go on from the newest checkpoint in --checkpoint-dir if there is one, or from PATH.",
        c -> c.checkpointing().resume(),
        (b, value) -> b.checkpointing(c -> c.withResume(value)));
    f.integer(
        "early-stopping-patience",
        "End after so many evaluations without improvement; 0 is off.",
        c -> c.stopping().earlyStoppingPatience(),
        (b, value) -> b.stopping(s -> s.withPatience(value)));
    f.add(
        "metric-for-best",
        "none|eval_loss|loss|perplexity|accuracy|f1|f1_micro|bleu|rouge_l|exact_match",
        "Keep the best step by this, and write it in the end.",
        c -> c.stopping().metricForBest().text(),
        MetricForBest::parse,
        (b, value) -> b.stopping(s -> s.withMetric(value)));
    f.add(
        "on-nan",
        "stop|skip",
        "At a step whose loss or gradient is not finite: end the run, or leave the step out.",
        c -> c.stopping().onNan().text(),
        OnNan::parse,
        (b, value) -> b.stopping(s -> s.withOnNan(value)));
  }
}
