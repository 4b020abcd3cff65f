package io.github.sparklorafa.cli;

import io.github.sparklorafa.checkpoint.FullCheckpointWriter;
import io.github.sparklorafa.checkpoint.MergedCheckpoint;
import io.github.sparklorafa.checkpoint.RemoteFolder;
import io.github.sparklorafa.checkpoint.RemoteFolder.IfExists;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Adds an adapter to the weights of its base, in this process. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Writes a checkpoint and an adapter as one plain checkpoint.")
final class MergeCommand implements Callable<Integer> {
  private static final String STORED = "stored";

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "FOLDER",
      required = true,
      description = "Hugging Face checkpoint: a local path or any URI that Hadoop knows.")
  private String model;

  @Option(names = "--adapter", paramLabel = "FOLDER", required = true, description = "Adapter.")
  private String adapter;

  @Option(
      names = "--output",
      paramLabel = "FOLDER",
      required = true,
      description = "Where the checkpoint goes; must not exist.")
  private String output;

  @Option(
      names = "--dtype",
      paramLabel = "stored|fp32|bf16",
      defaultValue = STORED,
      description = "Numbers of the weights. Default: each as the base stores it.")
  private String dtype;

  @Override
  public Integer call() {
    Optional<DType> numbers =
        dtype.equals(STORED) ? Optional.empty() : Optional.of(DType.parse(dtype));
    Configuration hadoop = HadoopSettings.load();
    RemoteFolder.checkOutput(output, IfExists.REFUSE, hadoop);
    Path cache = LocalCopies.folder();
    Path base = RemoteFolder.fetch(model, cache, hadoop);
    Path adapterFolder = RemoteFolder.fetch(adapter, cache, hadoop);
    Natives.load(Runtime.getRuntime().availableProcessors());
    try (MergedCheckpoint merged = MergedCheckpoint.open(base, adapterFolder)) {
      long[] bytes = new long[1];
      RemoteFolder.write(
          output,
          folder ->
              bytes[0] = merged.write(folder, numbers, FullCheckpointWriter.DEFAULT_SHARD_BYTES),
          hadoop);
      spec.commandLine()
          .getOut()
          .printf(
              Locale.ROOT,
              "Added A and B to %d weights and replaced %d; the checkpoint of %,d bytes is in %s%n",
              merged.mergedModules(),
              merged.replacedWeights(),
              bytes[0],
              output);
      merged.trainedOn().ifPresent(this::warn);
    }
    spec.commandLine().getOut().flush();
    return Main.OK;
  }

  private void warn(String baseDtype) {
    spec.commandLine()
        .getOut()
        .printf(
            "The adapter was trained on weights in %s; it was added to the base's own, from which"
                + " these differ by rounding: evaluate the result%n",
            baseDtype);
  }
}
