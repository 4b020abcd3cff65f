package io.github.sparklorafa.data;

/**
 * The prompts that Stanford's Alpaca was tuned with, as the {@code text} of its dataset has them.
 */
public final class Alpaca {
  private static final String WITH_INPUT =
      """
      Below is an instruction that describes a task, paired with an input that provides further \
      context. Write a response that appropriately completes the request.

      ### Instruction:
      %s

      ### Input:
      %s

      ### Response:
      """;
  private static final String WITHOUT_INPUT =
      """
      Below is an instruction that describes a task. Write a response that appropriately completes \
      the request.

      ### Instruction:
      %s

      ### Response:
      """;

  private Alpaca() {}

  /**
   * The text that an answer is to follow, with the line break after {@code ### Response:}.
   *
   * @param input what the instruction is about; null or empty if there is nothing
   */
  public static String prompt(String instruction, String input) {
    return input == null || input.isEmpty()
        ? WITHOUT_INPUT.formatted(instruction)
        : WITH_INPUT.formatted(instruction, input);
  }
}
