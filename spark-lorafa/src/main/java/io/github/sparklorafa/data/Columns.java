package io.github.sparklorafa.data;

import java.io.Serializable;

/**
 * The names of the columns that a dataset is read by; an empty name stands for the usual one.
 *
 * <p>Naming a column of one kind, ids, text, or prompt and completion, says that the dataset is
 * read so, whatever other columns it has.
 *
 * @param text the text to learn as a whole, usually {@value RowShape#TEXT}
 * @param prompt what a completion is given, usually {@value RowShape#PROMPT}
 * @param completion what is learned, usually {@value RowShape#COMPLETION}
 * @param inputIds token ids, usually {@value RowShape#INPUT_IDS}
 * @param attentionMask 0 where a token is padding, usually {@value RowShape#ATTENTION_MASK}
 * @param labels labels of the ids, usually {@value RowShape#LABELS}
 */
public record Columns(
    String text,
    String prompt,
    String completion,
    String inputIds,
    String attentionMask,
    String labels)
    implements Serializable {

  /** The usual names. */
  public static final Columns USUAL = new Columns("", "", "", "", "", "");

  /** These names but for this one of the text. */
  public Columns withText(String name) {
    return new Columns(name, prompt, completion, inputIds, attentionMask, labels);
  }

  /** These names but for this one of the prompt. */
  public Columns withPrompt(String name) {
    return new Columns(text, name, completion, inputIds, attentionMask, labels);
  }

  /** These names but for this one of the completion. */
  public Columns withCompletion(String name) {
    return new Columns(text, prompt, name, inputIds, attentionMask, labels);
  }

  /** These names but for this one of the token ids. */
  public Columns withInputIds(String name) {
    return new Columns(text, prompt, completion, name, attentionMask, labels);
  }

  /** These names but for this one of the attention mask. */
  public Columns withAttentionMask(String name) {
    return new Columns(text, prompt, completion, inputIds, name, labels);
  }

  /** These names but for this one of the labels. */
  public Columns withLabels(String name) {
    return new Columns(text, prompt, completion, inputIds, attentionMask, name);
  }

  /** The name of the column that is usually called so. */
  String of(String usual) {
    return named(usual) ? given(usual) : usual;
  }

  /** Whether the column that is usually called so has been named. */
  boolean named(String usual) {
    return !given(usual).isEmpty();
  }

  private String given(String usual) {
    return switch (usual) {
      case RowShape.TEXT -> text;
      case RowShape.PROMPT -> prompt;
      case RowShape.COMPLETION -> completion;
      case RowShape.INPUT_IDS -> inputIds;
      case RowShape.ATTENTION_MASK -> attentionMask;
      case RowShape.LABELS -> labels;
      default -> throw new IllegalArgumentException("Cannot name a column: " + usual);
    };
  }
}
