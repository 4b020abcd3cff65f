package io.github.sparklorafa.cli;

import io.github.sparklorafa.spark.stage.TrainingPlan;
import io.github.sparklorafa.train.MemoryPlan;
import io.github.sparklorafa.train.TrainConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what memory a run of {@code train} will need. Takes the same flags. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = TrainCommand.Flags.class,
    description =
        "Prints the memory that train with these flags needs, and the Spark settings to set. Starts"
            + " nothing, reads config.json only; --data and --output may be left out.")
final class PlanCommand implements Callable<Integer> {
  private static final long MIB = 1 << 20;

  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE.yaml",
      description = "Read flags from a YAML file; flags on the command line win.")
  private Path file;

  @Override
  public Integer call() {
    TrainConfig config = config();
    TrainingPlan plan = TrainingPlan.of(new SparkConf(), config);
    print(config, plan);
    return plan.problem().isPresent() ? Main.FAILURE : Main.OK;
  }

  TrainConfig config() {
    Map<String, String> texts = TrainCommand.texts(spec, file);
    texts.putIfAbsent("data", "-");
    texts.putIfAbsent("output", "-");
    return TrainFlags.config(texts);
  }

  private void print(TrainConfig config, TrainingPlan plan) {
    MemoryPlan memory = plan.memory();
    line(
        "%s, rank %d, %s, micro-batches of %d x %d tokens: bytes of one worker",
        config.method().text(),
        config.rank(),
        config.dtype().text(),
        config.microBatchSize(),
        plan.maxLength());
    row("frozen weights", memory.weights());
    row("frozen A", memory.adapter());
    row("trained, with gradients and AdamW", memory.trained());
    row("kept for the backward pass", memory.tape());
    row("workspace", memory.workspace());
    row("libtorch and the JVM", memory.process());
    row("Spark beside them", memory.spark());
    row("outside the heap", memory.bytesOutsideHeap());
    row("heap", plan.heapBytes());
    row("an executor", plan.executorBytes());
    line("");
    plan.note().ifPresent(note -> line("%s", note));
    Optional<String> problem = plan.problem();
    if (problem.isPresent()) {
      line("%s", problem.get());
    } else if (plan.grantedBytes() > 0) {
      line("The executors' containers grant %d MiB outside the heap: enough", mib(plan));
    } else {
      line("Nothing limits the executors' memory under this master; their hosts must have it");
    }
    line("Set");
    plan.settings().forEach((key, value) -> line("  --conf %s=%s", key, value));
    spec.commandLine().getOut().flush();
  }

  private static long mib(TrainingPlan plan) {
    return plan.grantedBytes() / MIB;
  }

  private void row(String name, long bytes) {
    line("  %-36s%,18d", name, bytes);
  }

  @SuppressWarnings("AnnotateFormatMethod") // no annotations of Error Prone at run time
  private void line(String format, Object... values) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(String.format(Locale.ROOT, format, values));
  }
}
