package io.github.sparklorafa.cli;

import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.checkpoint.RemoteFolder;
import io.github.sparklorafa.cli.DemoFiles.Letter;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.spark.stage.TrainingJob;
import io.github.sparklorafa.spark.stage.TrainingResult;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.train.ConsoleProgress;
import io.github.sparklorafa.train.DataFormat;
import io.github.sparklorafa.train.MethodCosts;
import io.github.sparklorafa.train.Schedule;
import io.github.sparklorafa.train.TrainConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Teaches a small model, which the jar carries, to turn letters into tickets. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Fine-tunes a small model from the jar, and shows what it can do before and after.")
final class DemoCommand implements Callable<Integer> {
  /** Letters whose answers are printed. */
  private static final int SHOWN = 3;

  /** Letters of the step in which the methods are compared. */
  private static final int COMPARED = 16;

  @Spec private CommandSpec spec;

  @Option(
      names = "--output",
      paramLabel = "FOLDER",
      defaultValue = "spark-lorafa-demo",
      description =
          "Where base, letters and adapter go: a path that all executors see. Default:"
              + " ${DEFAULT-VALUE}.")
  private String output;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "2",
      description = "Executors that train, one worker in each. Default: ${DEFAULT-VALUE}.")
  private int workers;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (SparkSession spark = Sessions.openToTrain("demo")) {
      Natives.load(1);
      Configuration hadoop = spark.sparkContext().hadoopConfiguration();
      DemoFiles files = DemoFiles.unpack(output, hadoop);
      TrainConfig config = config(files, files.freshAdapter(hadoop));
      Path base = local(config.model(), hadoop);
      List<Letter> heldOut = DemoFiles.heldOutLetters();
      List<MethodCosts> costs = MethodCosts.compare(config, base, someRows(base));

      DemoText text = new DemoText(out);
      text.introduce(shape(base), costs.get(0).trainableParameters(), files, heldOut.size());
      DemoScore before = DemoScore.of(base, Optional.empty(), heldOut, SHOWN);
      text.before(before, heldOut.subList(0, SHOWN));
      LossCurve curve = new LossCurve();
      text.training(workers);
      TrainingResult result =
          TrainingJob.run(
              spark,
              Datasets.read(spark, config.format(), config.data()),
              Optional.empty(),
              config,
              List.of(ConsoleProgress.onStandardOutput(), curve));
      text.trained(result, curve);
      Path adapter = local(result.output(), hadoop);
      DemoScore after = DemoScore.of(base, Optional.of(adapter), heldOut, SHOWN);
      text.after(before, after, heldOut.subList(0, SHOWN));
      text.costs(costs, workers, config.rank());
      text.files(base, adapter, heldOut.get(0));
    }
    return Main.OK;
  }

  /** What is run; the same settings stand in the notebook. */
  private TrainConfig config(DemoFiles files, String adapter) {
    return TrainConfig.builder()
        .model(files.base())
        .data(files.train())
        .format(DataFormat.JSON)
        .output(adapter)
        .workers(workers)
        .rank(16)
        .alpha(32)
        .batchSize(32)
        .microBatchSize(16)
        .maxSteps(120)
        .learningRate(1e-2)
        .schedule(Schedule.COSINE)
        .warmupSteps(10)
        .build();
  }

  private static Path local(String location, Configuration hadoop) {
    Path cache = LocalCopies.folder();
    return RemoteFolder.fetch(location, cache, hadoop);
  }

  private static LlamaConfig shape(Path base) {
    try (HuggingFaceFolder folder = HuggingFaceFolder.open(base, DType.FP32)) {
      return (LlamaConfig) folder.config();
    }
  }

  private static List<Example> someRows(Path base) {
    try (TextTokenizer tokenizer = TextTokenizer.open(base)) {
      Examples examples = Examples.limitedTo(512, tokenizer.vocabSize());
      return DemoFiles.letters(DemoFiles.TRAIN).stream()
          .limit(COMPARED)
          .map(row -> examples.fromPromptAndCompletion(tokenizer, row.prompt(), row.completion()))
          .map(row -> row.example().orElseThrow())
          .toList();
    }
  }
}
