package io.github.sparklorafa.data;

import java.io.Serializable;
import java.util.function.UnaryOperator;

/**
 * The names of the columns that a dataset is read by; an empty name stands for the usual one.
 *
 * <p>Naming a column of one kind, such as ids, text, or prompt and completion, says that the
 * dataset is read so, whatever other columns it has.
 *
 * @param text the text to learn, or to say something about, usually {@value RowShape#TEXT}
 * @param prompt what a completion is given, usually {@value RowShape#PROMPT}
 * @param completion what is learned, usually {@value RowShape#COMPLETION}
 * @param inputIds token ids, usually {@value RowShape#INPUT_IDS}
 * @param attentionMask 0 where a token is padding, usually {@value RowShape#ATTENTION_MASK}
 * @param tokenTypeIds 1 where a token belongs to the second text of a pair, usually {@value
 *     RowShape#TOKEN_TYPE_IDS}
 * @param labels labels of the ids, usually {@value RowShape#LABELS}
 * @param textPair the second text of a pair, usually {@value RowShape#TEXT_PAIR}
 * @param label what is said about a row, usually {@value RowShape#LABEL}
 * @param messages a conversation, usually {@value RowShape#MESSAGES}
 * @param instruction what to do, usually {@value RowShape#INSTRUCTION}
 * @param input what to do it with, usually {@value RowShape#INPUT}
 * @param output what is learned, given the instruction, usually {@value RowShape#OUTPUT}
 */
public record Columns(
    String text,
    String prompt,
    String completion,
    String inputIds,
    String attentionMask,
    String tokenTypeIds,
    String labels,
    String textPair,
    String label,
    String messages,
    String instruction,
    String input,
    String output)
    implements Serializable {

  /** The usual names. */
  public static final Columns USUAL =
      new Columns("", "", "", "", "", "", "", "", "", "", "", "", "");

  /** These names but for this one of the text. */
  public Columns withText(String name) {
    return with(RowShape.TEXT, name);
  }

  /** These names but for this one of the prompt. */
  public Columns withPrompt(String name) {
    return with(RowShape.PROMPT, name);
  }

  /** These names but for this one of the completion. */
  public Columns withCompletion(String name) {
    return with(RowShape.COMPLETION, name);
  }

  /** These names but for this one of the token ids. */
  public Columns withInputIds(String name) {
    return with(RowShape.INPUT_IDS, name);
  }

  /** These names but for this one of the attention mask. */
  public Columns withAttentionMask(String name) {
    return with(RowShape.ATTENTION_MASK, name);
  }

  /** These names but for this one of the labels. */
  public Columns withLabels(String name) {
    return with(RowShape.LABELS, name);
  }

  /**
   * These names but for this one of the column that is usually called so.
   *
   * @param usual {@link RowShape#TEXT} or another usual name
   */
  public Columns with(String usual, String name) {
    UnaryOperator<String> names = role -> role.equals(usual) ? name : given(role);
    given(usual);
    return new Columns(
        names.apply(RowShape.TEXT),
        names.apply(RowShape.PROMPT),
        names.apply(RowShape.COMPLETION),
        names.apply(RowShape.INPUT_IDS),
        names.apply(RowShape.ATTENTION_MASK),
        names.apply(RowShape.TOKEN_TYPE_IDS),
        names.apply(RowShape.LABELS),
        names.apply(RowShape.TEXT_PAIR),
        names.apply(RowShape.LABEL),
        names.apply(RowShape.MESSAGES),
        names.apply(RowShape.INSTRUCTION),
        names.apply(RowShape.INPUT),
        names.apply(RowShape.OUTPUT));
  }

  /** The name given to the column that is usually called so; empty if none was. */
  public String given(String usual) {
    return switch (usual) {
      case RowShape.TEXT -> text;
      case RowShape.PROMPT -> prompt;
      case RowShape.COMPLETION -> completion;
      case RowShape.INPUT_IDS -> inputIds;
      case RowShape.ATTENTION_MASK -> attentionMask;
      case RowShape.TOKEN_TYPE_IDS -> tokenTypeIds;
      case RowShape.LABELS -> labels;
      case RowShape.TEXT_PAIR -> textPair;
      case RowShape.LABEL -> label;
      case RowShape.MESSAGES -> messages;
      case RowShape.INSTRUCTION -> instruction;
      case RowShape.INPUT -> input;
      case RowShape.OUTPUT -> output;
      default ->
          throw new IllegalArgumentException(
              "Cannot name a column: " + usual + " (name one of a row's parts)");
    };
  }

  /** The name of the column that is usually called so. */
  String of(String usual) {
    return named(usual) ? given(usual) : usual;
  }

  /** Whether the column that is usually called so has been named. */
  boolean named(String usual) {
    return !given(usual).isEmpty();
  }
}
