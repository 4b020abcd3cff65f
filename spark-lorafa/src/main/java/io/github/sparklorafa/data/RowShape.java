package io.github.sparklorafa.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which columns a dataset is read by.
 *
 * <p>Columns that are named decide. Without names {@code input_ids} wins over all others, so that a
 * dataset that kept its text beside the ids works; {@code text} together with {@code prompt} and
 * {@code completion} is ambiguous and refused. Names are compared as they are, but a second column
 * whose name differs in its case only is refused, because Spark takes both for one. Columns with
 * other names are ignored.
 *
 * @param source what an example is made of
 * @param roles what the columns are: {@code input_ids, attention_mask, labels} (the last two where
 *     the dataset has them), {@code text}, or {@code prompt, completion}
 * @param columns the names of the columns to read, in the order of the roles
 */
public record RowShape(Source source, List<String> roles, List<String> columns) {

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
    INPUT_IDS(1, RowShape.INPUT_IDS, ATTENTION_MASK, LABELS),
    /** A text; see {@link Examples#fromText}. */
    TEXT(1, RowShape.TEXT),
    /** A prompt and its completion; see {@link Examples#fromPromptAndCompletion}. */
    PROMPT_AND_COMPLETION(2, PROMPT, COMPLETION);

    private final int needed;
    private final List<String> roles;

    Source(int needed, String... roles) {
      this.needed = needed;
      this.roles = List.of(roles);
    }
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

  /** Whether the dataset has the column of this role. */
  public boolean has(String role) {
    return roles.contains(role);
  }

  /**
   * Finds the shape of a dataset.
   *
   * @throws IllegalArgumentException if the columns give none, or more than one, or have other
   *     types than needed; the message names all problems and the columns that are there
   */
  public static RowShape of(List<Column> columns, Columns names) {
    Source source = source(columns, names);
    List<String> problems = new ArrayList<>();
    List<String> roles = new ArrayList<>();
    for (String role : source.roles) {
      String name = names.of(role);
      List<Column> found =
          columns.stream().filter(column -> column.name().equalsIgnoreCase(name)).toList();
      if (found.size() > 1) {
        problems.add(name + " is there " + found.size() + " times");
      } else if (found.stream().anyMatch(column -> column.name().equals(name))) {
        roles.add(role);
        wrongType(found.get(0), source, problems);
      } else if (names.named(role) || source.roles.indexOf(role) < source.needed) {
        problems.add("there is no " + name);
      }
    }
    if (!problems.isEmpty()) {
      throw refused(String.join("; ", problems), columns);
    }
    return new RowShape(source, List.copyOf(roles), roles.stream().map(names::of).toList());
  }

  private static Source source(List<Column> columns, Columns names) {
    List<Source> named =
        Arrays.stream(Source.values())
            .filter(source -> source.roles.stream().anyMatch(names::named))
            .toList();
    if (named.size() > 1) {
      throw refused(
          "columns for %s are named, which are read in different ways"
              .formatted(
                  named.stream()
                      .map(source -> String.join(" and ", source.roles.subList(0, source.needed)))
                      .collect(Collectors.joining(" and for "))),
          columns);
    }
    if (named.size() == 1) {
      return named.get(0);
    }
    Set<String> there = columns.stream().map(Column::name).collect(Collectors.toSet());
    boolean pair = there.contains(PROMPT) && there.contains(COMPLETION);
    if (there.contains(INPUT_IDS)) {
      return Source.INPUT_IDS;
    }
    if (pair && there.contains(TEXT)) {
      throw refused("both text and prompt and completion are there", columns);
    }
    if (there.contains(TEXT)) {
      return Source.TEXT;
    }
    if (there.contains(PROMPT) || there.contains(COMPLETION)) {
      return Source.PROMPT_AND_COMPLETION;
    }
    throw refused("none of the columns that training reads is there", columns);
  }

  private static void wrongType(Column column, Source source, List<String> problems) {
    if (source == Source.INPUT_IDS && !ID_ARRAYS.contains(column.type())) {
      problems.add(column.name() + " is " + column.type() + ", not array<int>");
    }
    if (source != Source.INPUT_IDS && !isText(column.type())) {
      problems.add(column.name() + " is " + column.type() + ", not string");
    }
  }

  private static boolean isText(String type) {
    return type.equals("string") || type.startsWith("varchar(") || type.startsWith("char(");
  }

  private static IllegalArgumentException refused(String problem, List<Column> columns) {
    return new IllegalArgumentException(
        ("Cannot read the dataset: %s; its columns are [%s] (name columns with --text-column and the"
                + " like, or select and rename them so that there is input_ids array<int> with"
                + " optional attention_mask and labels, or text string, or prompt string and"
                + " completion string)")
            .formatted(
                problem, columns.stream().map(Column::toString).collect(Collectors.joining(", "))));
  }
}
