package io.github.sparklorafa.cli;

import io.github.sparklorafa.spark.stage.TrainingPlan;
import io.github.sparklorafa.train.MemoryPlan;
import io.github.sparklorafa.train.MethodPlan;
import io.github.sparklorafa.train.Precision;
import io.github.sparklorafa.train.TrainConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
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
  private static final double MB = 1e6;

  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE.yaml",
      description = "Read flags from a YAML file; flags on the command line win.")
  private Path file;

  @Override
  public Integer call() {
    TrainingPlan plan = TrainingPlan.of(new SparkConf(), config());
    print(plan);
    return plan.problem().isPresent() ? Main.FAILURE : Main.OK;
  }

  TrainConfig config() {
    Map<String, String> texts = TrainCommand.texts(spec, file);
    texts.putIfAbsent("data", "-");
    texts.putIfAbsent("output", "-");
    return TrainFlags.config(texts);
  }

  private void print(TrainingPlan plan) {
    TrainConfig config = plan.config();
    line(
        "Micro-batches of %d x %d tokens in %s, rank %d: MB of one worker, for these flags and other"
            + " methods",
        config.microBatchSize(), config.maxLength(), Precision.of(config), config.rank());
    line("");
    List<MethodPlan> ways = plan.methods();
    row("", ways, MethodPlan::name);
    bytes("frozen weights", ways, MemoryPlan::weights);
    bytes("frozen A", ways, MemoryPlan::adapter);
    bytes("trained numbers", ways, MemoryPlan::trained);
    bytes("gradients", ways, MemoryPlan::gradient);
    bytes("optimizer", ways, MemoryPlan::optimizer);
    if (config.checkpointing().writes()) {
      bytes("copy for checkpoints", ways, MemoryPlan::checkpoint);
    }
    bytes("kept for the backward pass", ways, MemoryPlan::tape);
    bytes("logits of a chunk, or", ways, MemoryPlan::logits);
    bytes("  intermediates of a layer", ways, MemoryPlan::workspace);
    bytes("libtorch and the JVM", ways, MemoryPlan::process);
    bytes("Spark beside them", ways, MemoryPlan::spark);
    bytes("outside the heap", ways, MemoryPlan::bytesOutsideHeap);
    row("sent " + config.synchronisation().often(), ways, way -> mb(way.sentBytes()));
    if (plan.grantedBytes() > 0 || config.memory() > 0) {
      row("largest micro-batch that fits", ways, way -> "" + way.largestMicroBatch());
    }
    line("");
    line(
        "An executor needs %s MB, %s MB of them for its heap",
        mb(plan.executorBytes()), mb(plan.heapBytes()));
    plan.note().ifPresent(note -> line("%s", note));
    Optional<String> problem = plan.problem();
    if (problem.isPresent()) {
      line("%s", problem.get());
    } else if (plan.grantedBytes() > 0) {
      line("%d MiB are granted outside the heap: enough", plan.grantedBytes() / MIB);
    } else {
      line("Nothing limits the executors' memory under this master; their hosts must have it");
    }
    line("Set");
    plan.settings().forEach((key, value) -> line("  --conf %s=%s", key, value));
    spec.commandLine().getOut().flush();
  }

  private void bytes(String name, List<MethodPlan> ways, ToLongFunction<MemoryPlan> bytes) {
    row(name, ways, way -> mb(bytes.applyAsLong(way.memory())));
  }

  private void row(String name, List<MethodPlan> ways, Function<MethodPlan, String> cell) {
    String cells =
        ways.stream()
            .map(way -> String.format("%18s", cell.apply(way)))
            .collect(Collectors.joining());
    line("%-30s%s", name, cells);
  }

  private static String mb(long bytes) {
    return String.format(Locale.ROOT, "%,.1f", bytes / MB);
  }

  @SuppressWarnings("AnnotateFormatMethod") // no annotations of Error Prone at run time
  private void line(String format, Object... values) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(String.format(Locale.ROOT, format, values));
  }
}
