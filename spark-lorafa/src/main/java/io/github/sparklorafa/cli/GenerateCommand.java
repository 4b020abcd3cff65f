package io.github.sparklorafa.cli;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.checkpoint.RemoteFolder;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.infer.Generator;
import io.github.sparklorafa.model.CausalModel;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Continues prompts, in this process. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Continues prompts with a checkpoint and an adapter, the likeliest token each time.")
final class GenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PROMPT", arity = "1..*", description = "Texts to continue.")
  private List<String> prompts;

  @Option(
      names = "--model",
      paramLabel = "FOLDER",
      required = true,
      description = "Hugging Face checkpoint: a local path or any URI that Hadoop knows.")
  private String model;

  @Option(names = "--adapter", paramLabel = "FOLDER", description = "Adapter; default: none.")
  private String adapter;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "The most tokens to write after a prompt. Default: ${DEFAULT-VALUE}.")
  private int maxNewTokens;

  @Option(
      names = "--dtype",
      paramLabel = "fp32|bf16",
      defaultValue = "fp32",
      description = "Numbers of weights and activations. Default: ${DEFAULT-VALUE}.")
  private String dtype;

  @Option(
      names = "--base-dtype",
      paramLabel = "fp32|bf16|int8|nf4",
      description = "How the base's weights of linear layers are held. Default: as --dtype.")
  private String baseDtype;

  @Override
  public Integer call() {
    if (maxNewTokens < 1) {
      throw new IllegalArgumentException(
          "Cannot use --max-new-tokens: " + maxNewTokens + " (use 1 or more)");
    }
    DType numbers = DType.parse(dtype);
    BaseDType held = baseDtype == null ? BaseDType.of(numbers) : BaseDType.parse(baseDtype);
    Path cache = LocalCopies.folder();
    Path base = RemoteFolder.fetch(model, cache);
    Optional<Path> adapterFolder =
        Optional.ofNullable(adapter).map(location -> RemoteFolder.fetch(location, cache));
    Natives.load(Runtime.getRuntime().availableProcessors());
    PrintWriter out = spec.commandLine().getOut();
    try (AdaptedModel adapted = AdaptedModel.open(base, adapterFolder, numbers, held);
        TextTokenizer tokenizer = TextTokenizer.open(base, adapted.vocabSize())) {
      Generator generator = new Generator(adapted.writer(), tokenizer);
      for (String prompt : prompts) {
        String written = generator.complete(prompt, maxNewTokens);
        out.println(adapted.writer() instanceof CausalModel ? prompt + written : written);
      }
    }
    out.flush();
    return Main.OK;
  }
}
