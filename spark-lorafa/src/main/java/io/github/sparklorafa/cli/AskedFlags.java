package io.github.sparklorafa.cli;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.RowShape;
import picocli.CommandLine.Option;

/** The flags of {@code predict} that name what is answered; naming one decides. */
final class AskedFlags {
  @Option(
      names = "--prompt-column",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Column of the texts to continue. Default: prompt.")
  String promptColumn;

  @Option(
      names = "--messages-column",
      paramLabel = "NAME",
      defaultValue = "",
      description =
          "Column of conversations: the assistant's last turn, if one is there, is left out and"
              + " written. Default: messages.")
  String messagesColumn;

  @Option(
      names = "--instruction-column",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Column of what to do, as in Alpaca's data. Default: instruction.")
  String instructionColumn;

  @Option(
      names = "--input-column",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Column of what to do it with. Default: input, where it is there.")
  String inputColumn;

  @Option(
      names = "--output-column",
      paramLabel = "NAME",
      defaultValue = "",
      description =
          "Column of the answers to instructions that --task perplexity measures. Default: output.")
  String outputColumn;

  Columns names() {
    return Columns.USUAL
        .withPrompt(promptColumn)
        .with(RowShape.MESSAGES, messagesColumn)
        .with(RowShape.INSTRUCTION, instructionColumn)
        .with(RowShape.INPUT, inputColumn);
  }
}
