package io.github.sparklorafa.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which columns a dataset is read by.
 *
 * <p>{@code input_ids} wins over all others, so that a dataset that kept its text beside the ids
 * works; {@code text} together with {@code prompt} and {@code completion} is ambiguous and refused.
 * Names are compared as they are, columns with other names are ignored.
 *
 * @param source what an example is made of
 * @param columns the columns to read, in the order {@code input_ids, attention_mask, labels} (the
 *     last two where the dataset has them), {@code text}, or {@code prompt, completion}
 */
public record RowShape(Source source, List<String> columns) {

  /** The column of token ids, {@code array<int>}. */
  public static final String INPUT_IDS = "input_ids";

  /** The optional column beside the ids that is 0 where a token is padding, {@code array<int>}. */
  public static final String ATTENTION_MASK = "attention_mask";

  /** The optional column of labels beside the ids, {@code array<int>}. */
  public static final String LABELS = "labels";

  /** The column of texts to learn as a whole, {@code string}. */
  public static final String TEXT = "text";

  /** The column of prompts, {@code string}. */
  public static final String PROMPT = "prompt";

  /** The column of completions to learn, {@code string}. */
  public static final String COMPLETION = "completion";

  private static final Set<String> ID_ARRAYS =
      Set.of("array<int>", "array<bigint>", "array<smallint>", "array<tinyint>");

  /** What an example is made of. */
  public enum Source {
    /** Token ids; see {@link Examples#fromInputIds}. */
    INPUT_IDS,
    /** A text; see {@link Examples#fromText}. */
    TEXT,
    /** A prompt and its completion; see {@link Examples#fromPromptAndCompletion}. */
    PROMPT_AND_COMPLETION
  }

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
    return source != Source.INPUT_IDS;
  }

  /** Whether this column is read. */
  public boolean has(String column) {
    return columns.contains(column);
  }

  /**
   * Finds the shape of a dataset.
   *
   * @throws IllegalArgumentException if the columns give none, or more than one, or have other
   *     types than needed; the message names all problems and the columns that are there
   */
  public static RowShape of(List<Column> columns) {
    Map<String, String> types = new LinkedHashMap<>();
    columns.forEach(column -> types.put(column.name(), column.type()));
    boolean pair = types.containsKey(PROMPT) && types.containsKey(COMPLETION);
    if (types.containsKey(INPUT_IDS)) {
      List<String> read = new ArrayList<>(List.of(INPUT_IDS));
      List.of(ATTENTION_MASK, LABELS).stream().filter(types::containsKey).forEach(read::add);
      return checked(new RowShape(Source.INPUT_IDS, List.copyOf(read)), types, columns);
    }
    if (pair && types.containsKey(TEXT)) {
      throw refused("both text and prompt and completion are there", columns);
    }
    if (pair) {
      return checked(
          new RowShape(Source.PROMPT_AND_COMPLETION, List.of(PROMPT, COMPLETION)), types, columns);
    }
    if (types.containsKey(TEXT)) {
      return checked(new RowShape(Source.TEXT, List.of(TEXT)), types, columns);
    }
    if (types.containsKey(PROMPT) || types.containsKey(COMPLETION)) {
      String there = types.containsKey(PROMPT) ? PROMPT : COMPLETION;
      String missing = types.containsKey(PROMPT) ? COMPLETION : PROMPT;
      throw refused(there + " is there without " + missing, columns);
    }
    throw refused("none of the columns that training reads is there", columns);
  }

  private static RowShape checked(RowShape shape, Map<String, String> types, List<Column> columns) {
    List<String> problems = new ArrayList<>();
    for (String column : shape.columns) {
      String type = types.get(column);
      if (shape.needsTokenizer() && !isText(type)) {
        problems.add(column + " is " + type + ", not string");
      }
      if (!shape.needsTokenizer() && !ID_ARRAYS.contains(type)) {
        problems.add(column + " is " + type + ", not array<int>");
      }
    }
    if (!problems.isEmpty()) {
      throw refused(String.join("; ", problems), columns);
    }
    return shape;
  }

  private static boolean isText(String type) {
    return type.equals("string") || type.startsWith("varchar(") || type.startsWith("char(");
  }

  private static IllegalArgumentException refused(String problem, List<Column> columns) {
    return new IllegalArgumentException(
        ("Cannot read the dataset: %s; its columns are [%s] (select or rename columns so that there"
                + " is input_ids array<int> with optional attention_mask and labels, or text string,"
                + " or prompt string and completion string)")
            .formatted(
                problem, columns.stream().map(Column::toString).collect(Collectors.joining(", "))));
  }
}
