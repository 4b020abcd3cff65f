package io.github.sparklorafa.data;

import java.util.ArrayList;
import java.util.List;

/**
 * Which columns a dataset is read by.
 *
 * <p>Columns that are named decide. Without names {@code input_ids} wins over all others, so that a
 * dataset that kept its text beside the ids works; two others that could both be read, such as
 * {@code text} together with {@code prompt} and {@code completion}, are ambiguous and refused.
 * Names are compared as they are, but a second column whose name differs in its case only is
 * refused, because Spark takes both for one. Columns with other names are ignored.
 *
 * @param source what an example is made of
 * @param roles what the columns are, by their usual names: those that the source needs, then those
 *     of its optional ones that the dataset has
 * @param columns the names of the columns to read, in the order of the roles
 */
public record RowShape(RowSource source, List<String> roles, List<String> columns) {

  /** The column of token ids, {@code array<int>}. */
  public static final String INPUT_IDS = "input_ids";

  /** The optional column beside the ids that is 0 where a token is padding, {@code array<int>}. */
  public static final String ATTENTION_MASK = "attention_mask";

  /**
   * The optional column beside the ids that is 0, and 1 where a token belongs to the second text of
   * a pair, {@code array<int>}.
   */
  public static final String TOKEN_TYPE_IDS = "token_type_ids";

  /** The column of labels beside the ids, {@code array<int>}. */
  public static final String LABELS = "labels";

  /** The column of texts to learn, or to say something about, {@code string}. */
  public static final String TEXT = "text";

  /** The optional column of second texts, which make pairs, {@code string}. */
  public static final String TEXT_PAIR = "text_pair";

  /** The column that says something about a row as a whole: a number, or an array of numbers. */
  public static final String LABEL = "label";

  /** The column of prompts, {@code string}. */
  public static final String PROMPT = "prompt";

  /** The column of completions to learn, {@code string}. */
  public static final String COMPLETION = "completion";

  /** The column of conversations, {@code array<struct<role:string,content:string>>}. */
  public static final String MESSAGES = "messages";

  /** The column of instructions, {@code string}. */
  public static final String INSTRUCTION = "instruction";

  /** The optional column of what an instruction is about, {@code string}. */
  public static final String INPUT = "input";

  /** The column of answers to instructions, {@code string}. */
  public static final String OUTPUT = "output";

  /**
   * A column of a dataset.
   *
   * @param name its name
   * @param type its type as Spark's {@code simpleString} writes it: {@code string}, {@code
   *     array<int>}, {@code array<bigint>}
   */
  public record Column(String name, String type) {

    @Override
    public String toString() {
      return name + " " + type;
    }
  }

  /** Whether the rows are text, so that a tokenizer is needed. */
  public boolean needsTokenizer() {
    return !source.isTokenIds();
  }

  /** Whether the dataset has the column of this role. */
  public boolean has(String role) {
    return roles.contains(role);
  }

  /**
   * Finds the shape of a dataset whose next tokens are learned.
   *
   * @throws IllegalArgumentException as {@link #of(List, Columns, LabelKind)}
   */
  public static RowShape of(List<Column> columns, Columns names) {
    return of(columns, names, LabelKind.NEXT_TOKENS);
  }

  /**
   * Finds the shape of a dataset.
   *
   * @param kind the labels that its examples shall have
   * @throws IllegalArgumentException if the columns give none, or more than one, or have other
   *     types than needed; the message names all problems and the columns that are there
   */
  public static RowShape of(List<Column> columns, Columns names, LabelKind kind) {
    checkNotEmpty(columns);
    ColumnFinder finder = new ColumnFinder(columns, names, kind);
    RowSource source = finder.source();
    finder.unread();
    RowShape shape = found(finder, source, source.roles());
    if (!finder.problems().isEmpty()) {
      throw finder.refused(String.join("; ", finder.problems()));
    }
    return shape;
  }

  /**
   * Finds the columns of what a model is to answer: those that training reads before the answer,
   * whose own column need not be there.
   *
   * <p>Columns that are named decide. Without names it is the one of {@code prompt}, {@code
   * messages} and {@code instruction} that training would read; where it would read none of them,
   * as their answers are missing, the one that is there.
   *
   * @param kind the labels that examples to train on would have
   * @return with the roles and columns of the question alone
   * @throws IllegalArgumentException as {@link #of(List, Columns, LabelKind)}
   */
  public static RowShape toAnswer(List<Column> columns, Columns names, LabelKind kind) {
    checkNotEmpty(columns);
    ColumnFinder finder = new ColumnFinder(columns, names, kind);
    RowSource source = finder.asked();
    RowShape shape = found(finder, source, source.asked());
    if (!finder.problems().isEmpty()) {
      throw finder.unclear(String.join("; ", finder.problems()));
    }
    return shape;
  }

  private static RowShape found(ColumnFinder finder, RowSource source, List<String> wanted) {
    List<String> roles = new ArrayList<>();
    List<String> read = new ArrayList<>();
    for (String role : wanted) {
      String name = finder.name(role);
      if (finder.finds(name, role, source.needed().contains(role))) {
        roles.add(role);
        read.add(name);
      }
    }
    return new RowShape(source, List.copyOf(roles), List.copyOf(read));
  }

  private static void checkNotEmpty(List<Column> columns) {
    if (columns.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot read the dataset: it is empty, without a column or a row (look at the files that"
              + " it is read from)");
    }
  }
}
