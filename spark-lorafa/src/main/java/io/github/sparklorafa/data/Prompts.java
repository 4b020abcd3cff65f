package io.github.sparklorafa.data;

import io.github.sparklorafa.chat.TemplateException;
import java.util.List;
import java.util.Map;

/**
 * Makes the token ids of what a model is to answer: those that {@link Examples} puts before the
 * answer, so that a model is asked as it was trained.
 *
 * <p>All methods are pure functions of their arguments and may be called by any thread. Nothing is
 * cut. A row without a question comes back with its {@link RowProblem}; nothing is thrown for bad
 * data.
 */
public final class Prompts {
  private final LabelKind kind;

  private Prompts(LabelKind kind) {
    this.kind = kind;
  }

  /**
   * Prompts of a model whose examples have such labels.
   *
   * @param kind {@link LabelKind#NEXT_TOKENS} where it goes on after the prompt, {@link
   *     LabelKind#WRITTEN} where it reads the prompt as a whole and writes anew
   */
  public static Prompts of(LabelKind kind) {
    return new Prompts(kind);
  }

  /**
   * The ids of a text with the special tokens that the tokenizer adds; where it is gone on after,
   * without an end-of-sequence token.
   */
  public int[] ids(TextTokenizer tokenizer, String text) {
    return kind == LabelKind.WRITTEN ? tokenizer.encode(text) : tokenizer.encodePrompt(text);
  }

  /** Asks with a text. Null and the empty string give {@link RowProblem#EMPTY}. */
  public TokenizedPrompt fromText(TextTokenizer tokenizer, String prompt) {
    return prompt == null || prompt.isEmpty()
        ? TokenizedPrompt.of(RowProblem.EMPTY, "prompt " + Shortened.text(prompt))
        : TokenizedPrompt.of(prompt, ids(tokenizer, prompt));
  }

  /**
   * Asks with an instruction, in the words of Alpaca's prompt. A null or empty instruction gives
   * {@link RowProblem#EMPTY}.
   *
   * @param input what the instruction is about; null or empty makes the shorter prompt
   */
  public TokenizedPrompt fromInstruction(
      TextTokenizer tokenizer, String instruction, String input) {
    return instruction == null || instruction.isEmpty()
        ? TokenizedPrompt.of(RowProblem.EMPTY, "instruction " + Shortened.text(instruction))
        : fromText(tokenizer, Alpaca.prompt(instruction, input));
  }

  /**
   * Asks for the assistant's last turn of a conversation.
   *
   * <p>The text is what the checkpoint's chat template makes of the messages before that turn, with
   * what begins an answer ({@code add_generation_prompt}), and the ids are those of the text, with
   * the special tokens that the template writes and no others. A conversation without messages is
   * {@link RowProblem#EMPTY}, one that the template refuses {@link RowProblem#UNFIT_CHAT}.
   *
   * @param messages each with {@code role} and {@code content}, and what else the template knows
   * @throws IllegalArgumentException if the checkpoint has no chat template, or one that cannot be
   *     read
   */
  public TokenizedPrompt fromMessages(
      TextTokenizer tokenizer, List<? extends Map<String, ?>> messages) {
    if (messages == null || messages.isEmpty()) {
      return TokenizedPrompt.of(RowProblem.EMPTY, "messages " + messages);
    }
    try {
      String text = tokenizer.chat().prompt(messages);
      return TokenizedPrompt.of(text, tokenizer.encodeWithoutSpecialTokens(text));
    } catch (TemplateException e) {
      return TokenizedPrompt.of(
          RowProblem.UNFIT_CHAT, "%s: %s".formatted(e.getMessage(), Shortened.messages(messages)));
    }
  }
}
