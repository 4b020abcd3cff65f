package io.github.sparklorafa.cli;

import io.github.sparklorafa.infer.BeamSearch;
import io.github.sparklorafa.infer.GenerationConfig;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The flags of {@code predict} that decide what is written. */
final class GenerationFlags {
  @Option(
      names = "--completion-column",
      paramLabel = "NAME",
      defaultValue = "",
      description =
          "Column that is added; with --task perplexity the one that is measured. Default:"
              + " completion.")
  String completionColumn;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "The most tokens to write after a prompt. Default: ${DEFAULT-VALUE}.")
  int maxNewTokens;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "0",
      description = "What logits are divided by; 0 takes the likeliest token. Default: 0.")
  double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "0",
      description = "Choose from the N likeliest tokens; 0 is off. Default: 0.")
  int topK;

  @Option(
      names = "--top-p",
      paramLabel = "X",
      defaultValue = "1",
      description = "Choose from the likeliest tokens of probability X; 1 is off. Default: 1.")
  double topP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      defaultValue = "1",
      description = "Make tokens that are there already less likely; 1 is off. Default: 1.")
  double repetitionPenalty;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End a text before this one; may be given several times.")
  List<String> stop = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the random numbers, with each row's index. Default: 0.")
  long seed;

  @Option(
      names = "--num-beams",
      paramLabel = "N",
      defaultValue = "1",
      description = "Write N versions side by side and take the best; 1 is off. Default: 1.")
  int numBeams;

  @Option(
      names = "--length-penalty",
      paramLabel = "X",
      defaultValue = "1",
      description =
          "Power of the length that versions are compared by; above 0 longer ones win more often."
              + " Default: 1.")
  double lengthPenalty;

  @Option(
      names = "--early-stopping",
      paramLabel = "true|false|never",
      defaultValue = "false",
      description =
          "End a search at once when N versions have ended, when it looks settled, or when it is."
              + " Default: ${DEFAULT-VALUE}.")
  String earlyStopping;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "16",
      description =
          "Prompts or texts that a task takes through the model at once. Default: ${DEFAULT-VALUE}.")
  int batchSize;

  GenerationConfig config() {
    return new GenerationConfig(
        maxNewTokens,
        temperature,
        topK,
        topP,
        repetitionPenalty,
        stop,
        seed,
        new BeamSearch(numBeams, lengthPenalty, BeamSearch.EarlyStopping.parse(earlyStopping)));
  }
}
