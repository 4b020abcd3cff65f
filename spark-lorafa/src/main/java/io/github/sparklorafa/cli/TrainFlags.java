package io.github.sparklorafa.cli;

import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.DataFormat;
import io.github.sparklorafa.train.DeviceChoice;
import io.github.sparklorafa.train.GradientCorrectionMode;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.Schedule;
import io.github.sparklorafa.train.Task;
import io.github.sparklorafa.train.TrainConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
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
    TrainConfig.Builder builder = TrainConfig.builder();
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
    Flags f = new Flags();
    inputs(f);
    adapter(f);
    batches(f);
    optimizer(f);
    rowsAndReports(f);
    return List.copyOf(f.flags);
  }

  private static void inputs(Flags f) {
    f.add(
        "task",
        "causal-lm",
        "What the model learns.",
        c -> c.task().text(),
        Task::parse,
        TrainConfig.Builder::task);
    f.text(
        "model",
        "FOLDER",
        "Hugging Face checkpoint: a local path or any URI that Hadoop knows.",
        TrainConfig::model,
        TrainConfig.Builder::model);
    f.text(
        "data",
        "PATH",
        "Training data: a path, or a table's name with --format table.",
        TrainConfig::data,
        TrainConfig.Builder::data);
    f.add(
        "format",
        "parquet|json|csv|orc|text|table",
        "How the data is stored.",
        c -> c.format().text(),
        DataFormat::parse,
        TrainConfig.Builder::format);
    f.text(
        "eval-data",
        "PATH",
        "Evaluation data, stored as the training data is.",
        TrainConfig::evalData,
        TrainConfig.Builder::evalData);
    f.text(
        "output",
        "FOLDER",
        "Where the adapter or checkpoint goes; must not exist.",
        TrainConfig::output,
        TrainConfig.Builder::output);
  }

  private static void adapter(Flags f) {
    f.add(
        "method",
        "lora-fa|lora|full",
        "What is trained.",
        c -> c.method().text(),
        Method::parse,
        TrainConfig.Builder::method);
    f.integer("rank", "Rank of the adapter.", TrainConfig::rank, TrainConfig.Builder::rank);
    f.real(
        "alpha",
        "Scale of the adapter: s = alpha / rank.",
        TrainConfig::alpha,
        TrainConfig.Builder::alpha);
    f.list(
        "target-modules",
        "Modules that get an adapter, comma-separated, or all-linear.",
        TrainConfig::targetModules,
        TrainConfig.Builder::targetModules);
    f.list(
        "modules-to-save",
        "Modules that are trained in full and saved with the adapter, comma-separated.",
        TrainConfig::modulesToSave,
        TrainConfig.Builder::modulesToSave);
    f.add(
        "init-a",
        "kaiming|normal|orthonormal",
        "How A is made.",
        c -> c.initA().text(),
        InitA::parse,
        TrainConfig.Builder::initA);
    f.text(
        "init-adapter",
        "FOLDER",
        "Adapter to start from.",
        TrainConfig::initAdapter,
        TrainConfig.Builder::initAdapter);
    f.add(
        "gradient-correction",
        "none|gram",
        "What is done to B's gradient.",
        c -> c.gradientCorrection().text(),
        GradientCorrectionMode::parse,
        TrainConfig.Builder::gradientCorrection);
    f.bool(
        "use-rslora",
        "Scale by alpha / sqrt(rank).",
        TrainConfig::useRslora,
        TrainConfig.Builder::useRslora);
  }

  private static void batches(Flags f) {
    f.integer(
        "workers",
        "Executors that train, one worker in each.",
        TrainConfig::workers,
        TrainConfig.Builder::workers);
    f.add(
        "device",
        "auto|cpu|cuda",
        "Where to train.",
        c -> c.device().text(),
        DeviceChoice::parse,
        TrainConfig.Builder::device);
    f.add(
        "dtype",
        "fp32|bf16",
        "Numbers of frozen weights and activations.",
        c -> c.dtype().text(),
        DType::parse,
        TrainConfig.Builder::dtype);
    f.integer(
        "batch-size",
        "Sequences of a step, over all workers.",
        TrainConfig::batchSize,
        TrainConfig.Builder::batchSize);
    f.integer(
        "micro-batch-size",
        "Sequences that a worker takes through the model at once.",
        TrainConfig::microBatchSize,
        TrainConfig.Builder::microBatchSize);
    f.real(
        "epochs",
        "Passes over the data, unless --max-steps is given.",
        TrainConfig::epochs,
        TrainConfig.Builder::epochs);
    f.integer(
        "max-steps",
        "Optimizer steps; 0 means by epochs.",
        TrainConfig::maxSteps,
        TrainConfig.Builder::maxSteps);
  }

  private static void optimizer(Flags f) {
    f.real(
        "learning-rate",
        "Peak learning rate.",
        TrainConfig::learningRate,
        TrainConfig.Builder::learningRate);
    f.add(
        "schedule",
        "constant|linear|cosine",
        "How the learning rate runs.",
        c -> c.schedule().text(),
        Schedule::parse,
        TrainConfig.Builder::schedule);
    f.integer(
        "warmup-steps",
        "Steps over which the learning rate rises.",
        TrainConfig::warmupSteps,
        TrainConfig.Builder::warmupSteps);
    f.real(
        "weight-decay",
        "Decoupled weight decay.",
        TrainConfig::weightDecay,
        TrainConfig.Builder::weightDecay);
    f.real(
        "beta1",
        "AdamW's decay of the first moment.",
        TrainConfig::beta1,
        TrainConfig.Builder::beta1);
    f.real(
        "beta2",
        "AdamW's decay of the second moment.",
        TrainConfig::beta2,
        TrainConfig.Builder::beta2);
    f.real("epsilon", "AdamW's epsilon.", TrainConfig::epsilon, TrainConfig.Builder::epsilon);
    f.real(
        "max-grad-norm",
        "Global norm that gradients are clipped at; 0 is off.",
        TrainConfig::maxGradNorm,
        TrainConfig.Builder::maxGradNorm);
  }

  private static void rowsAndReports(Flags f) {
    f.integer(
        "max-length",
        "Tokens that a sequence is cut to.",
        TrainConfig::maxLength,
        TrainConfig.Builder::maxLength);
    f.bool(
        "shuffle",
        "Another order in each epoch; false is the data's own order.",
        TrainConfig::shuffle,
        TrainConfig.Builder::shuffle);
    f.add(
        "seed",
        "N",
        "Seed of A and of the order.",
        c -> Long.toString(c.seed()),
        Flags::wholeNumber,
        TrainConfig.Builder::seed);
    f.integer(
        "eval-every",
        "Steps between evaluations; 0 means at the end only.",
        TrainConfig::evalEvery,
        TrainConfig.Builder::evalEvery);
    f.text(
        "metrics",
        "FILE",
        "Write one JSON line for each step to this file.",
        TrainConfig::metrics,
        TrainConfig.Builder::metrics);
  }

  /** Collects flags, each kind with its parser. */
  private static final class Flags {
    private final List<TrainFlag> flags = new ArrayList<>();

    <T> void add(
        String name,
        String value,
        String description,
        Function<TrainConfig, String> shown,
        Function<String, T> parser,
        BiConsumer<TrainConfig.Builder, T> setter) {
      flags.add(
          new TrainFlag(
              name,
              value,
              description,
              shown,
              (builder, text) -> setter.accept(builder, parsed(name, text, parser))));
    }

    void text(
        String name,
        String value,
        String description,
        Function<TrainConfig, String> shown,
        BiConsumer<TrainConfig.Builder, String> setter) {
      add(name, value, description, shown, Function.identity(), setter);
    }

    void integer(
        String name,
        String description,
        Function<TrainConfig, Integer> shown,
        BiConsumer<TrainConfig.Builder, Integer> setter) {
      add(name, "N", description, shown.andThen(String::valueOf), Flags::smallNumber, setter);
    }

    void real(
        String name,
        String description,
        Function<TrainConfig, Double> shown,
        BiConsumer<TrainConfig.Builder, Double> setter) {
      add(name, "X", description, shown.andThen(Flags::shortText), Flags::realNumber, setter);
    }

    void bool(
        String name,
        String description,
        Function<TrainConfig, Boolean> shown,
        BiConsumer<TrainConfig.Builder, Boolean> setter) {
      add(name, "true|false", description, shown.andThen(String::valueOf), Flags::truth, setter);
    }

    void list(
        String name,
        String description,
        Function<TrainConfig, List<String>> shown,
        BiConsumer<TrainConfig.Builder, List<String>> setter) {
      Function<TrainConfig, String> joined = shown.andThen(names -> String.join(",", names));
      add(name, "NAMES", description, joined, Flags::names, setter);
    }

    private static <T> T parsed(String name, String text, Function<String, T> parser) {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage());
        throw new IllegalArgumentException(
            message.startsWith("Cannot")
                ? message
                : String.format("Cannot use --%s: %s (%s)", name, text, message),
            e);
      }
    }

    private static int smallNumber(String text) {
      long number = wholeNumber(text);
      if (number != (int) number) {
        throw new IllegalArgumentException("give a smaller number");
      }
      return (int) number;
    }

    private static long wholeNumber(String text) {
      try {
        return Long.parseLong(text.trim());
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("give a whole number", e);
      }
    }

    private static double realNumber(String text) {
      try {
        return Double.parseDouble(text.trim());
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("give a number", e);
      }
    }

    private static boolean truth(String text) {
      return switch (text.trim()) {
        case "true" -> true;
        case "false" -> false;
        default -> throw new IllegalArgumentException("give true or false");
      };
    }

    private static List<String> names(String text) {
      return Arrays.stream(text.split(",", -1))
          .map(String::trim)
          .filter(n -> !n.isEmpty())
          .toList();
    }

    /** 32 and not 32.0, 5e-4 as 5.0E-4. */
    private static String shortText(double number) {
      return number == Math.rint(number) && Math.abs(number) < 1e9
          ? Long.toString((long) number)
          : Double.toString(number);
    }
  }
}
