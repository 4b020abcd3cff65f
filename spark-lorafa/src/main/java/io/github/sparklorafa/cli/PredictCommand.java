package io.github.sparklorafa.cli;

import io.github.sparklorafa.checkpoint.RemoteFolder;
import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.infer.GenerationConfig;
import io.github.sparklorafa.spark.stage.ClassifyConfig;
import io.github.sparklorafa.spark.stage.PerplexityConfig;
import io.github.sparklorafa.spark.stage.PredictConfig;
import io.github.sparklorafa.spark.stage.PredictJob;
import io.github.sparklorafa.spark.stage.Predictor;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.DataFormat;
import io.github.sparklorafa.train.Problems;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Completes the prompts of a table, classifies its texts, or measures their perplexity. */
@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Completes the prompts of a table on the executors of a Spark application, classifies its"
          + " texts, or measures their perplexity.",
      "Adds the columns completion, finish_reason and tokens; with --task sequence-classification"
          + " logits, probabilities and prediction; with --task perplexity loss, perplexity, tokens"
          + " and problem."
    })
final class PredictCommand implements Callable<Integer> {
  private static final String COMPLETION = "completion";
  private static final String CLASSIFICATION = "sequence-classification";
  private static final List<String> TASKS = List.of(COMPLETION, CLASSIFICATION, "perplexity");
  private static final List<String> OUTPUT_FORMATS = List.of("parquet", "json");

  @Spec private CommandSpec spec;

  @Option(
      names = "--task",
      paramLabel = "completion|sequence-classification|perplexity",
      defaultValue = COMPLETION,
      description = "What to do with each row. Default: ${DEFAULT-VALUE}.")
  String task;

  @Option(
      names = "--model",
      paramLabel = "FOLDER",
      required = true,
      description = "Hugging Face checkpoint: a local path or any URI that Hadoop knows.")
  String model;

  @Option(
      names = "--adapter",
      paramLabel = "FOLDER",
      defaultValue = "",
      description = "Adapter; default: none.")
  String adapter;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      required = true,
      description = "The rows: a path, or a table's name with --format table.")
  String data;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "parquet",
      description = "How they are stored, as in train. Default: ${DEFAULT-VALUE}.")
  String format;

  @Option(
      names = "--options",
      paramLabel = "KEY=VALUE,...",
      defaultValue = "",
      description = "Options of Spark's reader of the format, such as versionAsOf=3.")
  String options;

  @Option(
      names = "--where",
      paramLabel = "CONDITION",
      defaultValue = "",
      description = "Predict for the rows that meet it only, in SQL: day = '2026-11-22'.")
  String where;

  @Option(
      names = "--output",
      paramLabel = "PATH",
      required = true,
      description = "Folder for the table with the new columns; must not exist.")
  String output;

  @Option(
      names = "--output-format",
      paramLabel = "parquet|json",
      defaultValue = "parquet",
      description = "How to store it. Default: ${DEFAULT-VALUE}.")
  String outputFormat;

  @Option(
      names = "--text-column",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Column of texts to classify or to measure. Default: text.")
  String textColumn;

  @Option(
      names = "--text-pair-column",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Column of second texts to classify. Default: text_pair, where it is there.")
  String textPairColumn;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Tokens of a row that are read to classify or to measure it. Default: 512, or as many as"
              + " the model reads if these are fewer.")
  int maxLength;

  @Option(
      names = "--dtype",
      paramLabel = "fp32|bf16",
      defaultValue = "fp32",
      description = "Numbers of weights and activations. Default: ${DEFAULT-VALUE}.")
  String dtype;

  @Option(
      names = "--base-dtype",
      paramLabel = "fp32|bf16|int8|nf4",
      defaultValue = "",
      description =
          "How the base's weights of linear layers are held: what an adapter was trained on."
              + " Default: as --dtype.")
  String baseDtype;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "1",
      description = "Executors to wait for before the rows are dealt out. Default: 1.")
  int workers;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "0",
      description = "Tasks; 0 means a few for each slot. Default: 0.")
  int partitions;

  @Mixin AskedFlags asked;

  @Mixin GenerationFlags generation;

  @Override
  public Integer call() {
    Problems problems = new Problems();
    choice("task", task, TASKS, problems);
    choice("output format", outputFormat, OUTPUT_FORMATS, problems);
    DType[] numbers = new DType[1];
    problems.collect(() -> numbers[0] = DType.parse(dtype));
    BaseDType[] held = new BaseDType[1];
    if (!baseDtype.isEmpty()) {
      problems.collect(() -> held[0] = BaseDType.parse(baseDtype));
    }
    DataFormat[] stored = new DataFormat[1];
    problems.collect(() -> stored[0] = DataFormat.parse(format));
    Map<String, String> reading = new HashMap<>();
    problems.collect(() -> reading.putAll(DatasetFlags.options(options)));
    GenerationConfig[] config = new GenerationConfig[1];
    problems.collect(() -> config[0] = generation.config());
    problems.throwIfAny();
    Predictor predictor =
        new Predictor(
            model, adapter, numbers[0], held[0] == null ? BaseDType.of(numbers[0]) : held[0]);
    try (SparkSession spark = Sessions.open("predict")) {
      RemoteFolder.checkOutput(
          output, RemoteFolder.IfExists.REFUSE, spark.sessionState().newHadoopConf());
      PredictJob.awaitExecutors(spark, workers);
      Dataset<Row> rows = Datasets.where(Datasets.read(spark, stored[0], data, reading), where);
      Dataset<Row> result =
          switch (task) {
            case COMPLETION -> PredictJob.complete(spark, rows, completing(predictor, config[0]));
            case CLASSIFICATION ->
                PredictJob.classify(spark, rows, classifying(predictor), partitions);
            default -> PredictJob.perplexity(spark, rows, measuring(predictor), partitions);
          };
      long began = System.nanoTime();
      store(result);
      double seconds = (System.nanoTime() - began) / 1e9;
      Dataset<Row> written = spark.read().schema(result.schema()).format(outputFormat).load(output);
      PredictReport report = new PredictReport(spec.commandLine().getOut(), written, seconds);
      switch (task) {
        case COMPLETION -> report.completions();
        case CLASSIFICATION -> report.classes(PredictJob.classNames(spark, predictor));
        default -> report.perplexity();
      }
      report.place(output);
      return Main.OK;
    }
  }

  PredictConfig completing(Predictor predictor, GenerationConfig config) {
    return new PredictConfig(
        predictor,
        asked.names(),
        generation.completionColumn.isEmpty() ? RowShape.COMPLETION : generation.completionColumn,
        generation.batchSize,
        partitions,
        config);
  }

  ClassifyConfig classifying(Predictor predictor) {
    Columns columns = Columns.USUAL.withText(textColumn).with(RowShape.TEXT_PAIR, textPairColumn);
    return new ClassifyConfig(predictor, columns, maxLength, generation.batchSize);
  }

  private PerplexityConfig measuring(Predictor predictor) {
    Columns columns =
        asked
            .names()
            .withText(textColumn)
            .withCompletion(generation.completionColumn)
            .with(RowShape.OUTPUT, asked.outputColumn);
    return new PerplexityConfig(predictor, columns, maxLength, 0, generation.batchSize);
  }

  private void store(Dataset<Row> result) {
    try {
      result.write().format(outputFormat).save(output);
    } catch (Exception e) { // SparkException is checked, but Scala doesn't say so
      throw new IllegalStateException("Cannot predict: " + TaskFailure.firstCause(e), e);
    }
  }

  private static void choice(String what, String text, List<String> choices, Problems problems) {
    if (!choices.contains(text)) {
      problems.add("Cannot use %s: %s (use %s)", what, text, String.join(" or ", choices));
    }
  }
}
