package io.github.sparklorafa.data;

import static io.github.sparklorafa.data.LabelKind.NEXT_TOKENS;
import static io.github.sparklorafa.data.LabelKind.NUMBERS;
import static io.github.sparklorafa.data.LabelKind.SAME_TOKENS;
import static io.github.sparklorafa.data.LabelKind.WRITTEN;
import static io.github.sparklorafa.data.RowShape.ATTENTION_MASK;
import static io.github.sparklorafa.data.RowShape.COMPLETION;
import static io.github.sparklorafa.data.RowShape.INPUT;
import static io.github.sparklorafa.data.RowShape.INSTRUCTION;
import static io.github.sparklorafa.data.RowShape.LABEL;
import static io.github.sparklorafa.data.RowShape.LABELS;
import static io.github.sparklorafa.data.RowShape.MESSAGES;
import static io.github.sparklorafa.data.RowShape.OUTPUT;
import static io.github.sparklorafa.data.RowShape.PROMPT;
import static io.github.sparklorafa.data.RowShape.TEXT;
import static io.github.sparklorafa.data.RowShape.TEXT_PAIR;
import static io.github.sparklorafa.data.RowShape.TOKEN_TYPE_IDS;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What an example is made of. */
public enum RowSource {
  /** Token ids; see {@link Examples#fromInputIds}. */
  INPUT_IDS(
      Set.of(NEXT_TOKENS, SAME_TOKENS),
      "input_ids array<int> with optional attention_mask, token_type_ids and labels",
      List.of(RowShape.INPUT_IDS),
      ATTENTION_MASK,
      TOKEN_TYPE_IDS,
      LABELS),
  /** Token ids of a source and of what is written for it; see {@link Examples#fromSourceIds}. */
  SOURCE_IDS(
      Set.of(WRITTEN),
      "input_ids and labels, both array<int>, with optional attention_mask",
      List.of(RowShape.INPUT_IDS, LABELS),
      ATTENTION_MASK),
  /** Token ids and what is said about them; see {@link Examples#fromLabelledIds}. */
  LABELLED_IDS(
      Set.of(NUMBERS),
      "input_ids array<int> and a number, or an array of numbers, in label or labels, with optional"
          + " attention_mask and token_type_ids",
      List.of(RowShape.INPUT_IDS, LABEL),
      ATTENTION_MASK,
      TOKEN_TYPE_IDS),
  /** A text; see {@link Examples#fromText}. */
  TEXT_ALONE(Set.of(NEXT_TOKENS, SAME_TOKENS), "text string", List.of(TEXT)),
  /** A text, or a pair, and what is said about it; see {@link Examples#fromLabelledText}. */
  LABELLED_TEXT(
      Set.of(NUMBERS),
      "text string with optional text_pair and a number, or an array of numbers, in label",
      List.of(TEXT, LABEL),
      TEXT_PAIR),
  /** A prompt and its completion; see {@link Examples#fromPromptAndCompletion}. */
  PROMPT_AND_COMPLETION(
      Set.of(NEXT_TOKENS, WRITTEN),
      "prompt string and completion string",
      List.of(PROMPT, COMPLETION)),
  /** A conversation; see {@link Examples#fromMessages}. */
  CHAT(
      Set.of(NEXT_TOKENS), "messages array<struct<role:string,content:string>>", List.of(MESSAGES)),
  /** An instruction of Alpaca's shape; see {@link Examples#fromInstruction}. */
  INSTRUCTION_AND_OUTPUT(
      Set.of(NEXT_TOKENS, WRITTEN),
      "instruction string and output string with optional input",
      List.of(INSTRUCTION, OUTPUT),
      INPUT);

  private final Set<LabelKind> kinds;
  private final String described;
  private final List<String> needed;
  private final List<String> roles;

  RowSource(Set<LabelKind> kinds, String described, List<String> needed, String... optional) {
    this.kinds = kinds;
    this.described = described;
    this.needed = needed;
    this.roles = new ArrayList<>(needed);
    this.roles.addAll(Arrays.asList(optional));
  }

  /** Those that examples with such labels can be made of. */
  static List<RowSource> of(LabelKind kind) {
    return Arrays.stream(values()).filter(source -> source.kinds.contains(kind)).toList();
  }

  /** All columns that something is made of, by their usual names. */
  static List<String> allRoles() {
    return Arrays.stream(values()).flatMap(source -> source.roles.stream()).distinct().toList();
  }

  /** The columns that must be there, and what they are, in words. */
  String described() {
    return described;
  }

  /** The columns that must be there. */
  List<String> needed() {
    return needed;
  }

  /**
   * The columns of what is to be answered, the one that must be there first; none where nothing is.
   */
  List<String> asked() {
    return switch (this) {
      case PROMPT_AND_COMPLETION -> List.of(PROMPT);
      case CHAT -> List.of(MESSAGES);
      case INSTRUCTION_AND_OUTPUT -> List.of(INSTRUCTION, INPUT);
      default -> List.of();
    };
  }

  /** The same in words. */
  String describedToAnswer() {
    return switch (this) {
      case PROMPT_AND_COMPLETION -> "prompt string";
      case CHAT -> described;
      case INSTRUCTION_AND_OUTPUT -> "instruction string with optional input";
      default -> "";
    };
  }

  /** Those that something is answered of. */
  static List<RowSource> allAsked() {
    return Arrays.stream(values()).filter(source -> !source.asked().isEmpty()).toList();
  }

  /** All its columns, those that must be there first. */
  List<String> roles() {
    return roles;
  }

  /** Whether a column of this name says that the dataset is read so. */
  boolean isNamedBy(String role) {
    return roles.contains(role) && !(kinds.contains(NUMBERS) && role.equals(LABEL));
  }

  /**
   * Looks at what rows are read with in a checkpoint's folder, without the native library: the
   * tokenizer of text, the chat template of conversations. Does nothing for token ids.
   *
   * @param embeddings of the model
   * @throws IllegalArgumentException if something is missing or damaged, belongs to another model,
   *     or would refuse all rows alike
   */
  public void check(Path folder, int embeddings) {
    if (isTokenIds()) {
      return;
    }
    TextTokenizer.check(folder, embeddings);
    if (this == CHAT) {
      ChatTemplate.read(folder, TokenizerFiles.read(folder)).check();
    }
  }

  /**
   * The same for rows that are to be answered.
   *
   * @throws IllegalArgumentException if something is missing or damaged, belongs to another model,
   *     or would refuse all rows alike
   */
  public void checkToAnswer(Path folder, int embeddings) {
    TextTokenizer.check(folder, embeddings);
    if (this == CHAT) {
      ChatTemplate.read(folder, TokenizerFiles.read(folder)).checkPrompts();
    }
  }

  /** Whether the rows are token ids already. */
  boolean isTokenIds() {
    return needed.contains(RowShape.INPUT_IDS);
  }
}
