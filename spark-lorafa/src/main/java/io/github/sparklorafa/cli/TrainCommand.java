package io.github.sparklorafa.cli;

import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.spark.stage.TrainingJob;
import io.github.sparklorafa.spark.stage.TrainingResult;
import io.github.sparklorafa.train.ConsoleProgress;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainSummary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Fine-tunes a checkpoint. Its flags are made from {@link TrainFlags}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = TrainCommand.Flags.class,
    description =
        "Fine-tunes a checkpoint (LLaMA and its kin, RoBERTa, BERT, T5) on the executors of a Spark"
            + " application.")
final class TrainCommand implements Callable<Integer> {
  private static final String REQUIRED = "-";

  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE.yaml",
      description = "Read flags from a YAML file; flags on the command line win.")
  private Path file;

  /** Adds an option for each flag; they are read back from the parse result. */
  static final class Flags implements picocli.CommandLine.IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec spec) {
      TrainConfig defaults =
          TrainConfig.builder().model(REQUIRED).data(REQUIRED).output(REQUIRED).build();
      for (TrainFlag flag : TrainFlags.ALL) {
        spec.addOption(
            OptionSpec.builder("--" + flag.name())
                .type(String.class)
                .arity("1")
                .paramLabel(flag.value())
                .description(flag.description() + shownDefault(flag.shown().apply(defaults)))
                .build());
      }
      return spec;
    }

    private static String shownDefault(String text) {
      if (text.equals(REQUIRED)) {
        return " Required.";
      }
      return text.isEmpty() ? "" : " Default: " + text + ".";
    }
  }

  @Override
  public Integer call() {
    TrainConfig config = config();
    try (SparkSession spark = Sessions.openToTrain("train")) {
      Dataset<Row> data = rows(spark, config, config.data(), config.reading().where());
      Optional<Dataset<Row>> evalData =
          config.evalData().isEmpty()
              ? Optional.empty()
              : Optional.of(rows(spark, config, config.evalData(), config.reading().evalWhere()));
      TrainingResult result =
          TrainingJob.run(
              spark, data, evalData, config, List.of(ConsoleProgress.onStandardOutput()));
      print(config, result);
      return Main.OK;
    }
  }

  private static Dataset<Row> rows(
      SparkSession spark, TrainConfig config, String location, String where) {
    return Datasets.where(
        Datasets.read(spark, config.format(), location, config.reading().options()), where);
  }

  /** What the file says, overruled by the command line. */
  TrainConfig config() {
    return TrainFlags.config(texts(spec, file));
  }

  /** By flag name: what a command with all flags of {@code train} was given. */
  static Map<String, String> texts(CommandSpec spec, Path file) {
    Map<String, String> texts = new LinkedHashMap<>();
    if (file != null) {
      texts.putAll(ConfigFile.read(file));
    }
    for (TrainFlag flag : TrainFlags.ALL) {
      String text = spec.findOption("--" + flag.name()).getValue();
      if (text != null) {
        texts.put(flag.name(), text);
      }
    }
    return texts;
  }

  private void print(TrainConfig config, TrainingResult result) {
    TrainSummary summary = result.summary();
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "Trained %d steps on %,d rows in %.1f s: loss %.4f -> %.4f%s%n",
        summary.steps(),
        result.rows(),
        summary.seconds(),
        summary.firstLoss(),
        summary.lastLoss(),
        Double.isNaN(summary.evalLoss())
            ? ""
            : String.format(Locale.ROOT, ", evaluation loss %.4f", summary.evalLoss()));
    result.tables().forEach(table -> out.printf("The rows are those of %s%n", table));
    if (summary.bestStep() > 0) {
      out.printf(
          Locale.ROOT,
          "The result is that of step %d, the best by %s: %.4f%n",
          summary.bestStep(),
          config.stopping().metric().text(),
          summary.bestValue());
    }
    out.printf(
        Locale.ROOT,
        "Each worker kept at most %,d bytes for the backward pass and sent a bucket of %,d bytes"
            + " %s%n",
        summary.tapeBytes(),
        summary.bucketBytes(),
        config.synchronisation().often());
    out.printf(
        "The %s is in %s%n",
        config.method() == Method.FULL ? "checkpoint" : "adapter", result.output());
    out.flush();
  }
}
