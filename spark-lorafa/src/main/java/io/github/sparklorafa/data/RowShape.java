package io.github.sparklorafa.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

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

  private static final Set<String> ID_ARRAYS =
      Set.of("array<int>", "array<bigint>", "array<smallint>", "array<tinyint>");

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
    if (columns.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot read the dataset: it is empty, without a column or a row (look at the files that"
              + " it is read from)");
    }
    Finder finder = new Finder(columns, names, kind, new ArrayList<>());
    RowSource source = finder.source();
    finder.unread();
    List<String> roles = new ArrayList<>();
    List<String> read = new ArrayList<>();
    for (String role : source.roles()) {
      String name = role.equals(LABEL) ? finder.label() : names.of(role);
      if (finder.finds(name, role, source.needed().contains(role))) {
        roles.add(role);
        read.add(name);
      }
    }
    if (!finder.problems.isEmpty()) {
      throw finder.refused(String.join("; ", finder.problems));
    }
    return new RowShape(source, List.copyOf(roles), List.copyOf(read));
  }

  private record Finder(
      List<Column> columns, Columns names, LabelKind kind, List<String> problems) {

    RowSource source() {
      List<RowSource> possible = RowSource.of(kind);
      List<RowSource> named =
          possible.stream()
              .filter(
                  source ->
                      source.roles().stream()
                          .anyMatch(role -> source.isNamedBy(role) && names.named(role)))
              .toList();
      if (named.size() > 1) {
        throw refused(
            "columns for %s are named, which are read in different ways"
                .formatted(listed(named, " and for ")));
      }
      if (named.size() == 1) {
        return named.get(0);
      }
      List<RowSource> whole =
          possible.stream().filter(source -> has(source.roles().get(0), source)).toList();
      if (has(INPUT_IDS)) {
        return possible.get(0);
      }
      if (whole.size() > 1) {
        throw refused("both %s are there".formatted(listed(whole, " and ")));
      }
      return whole.isEmpty() ? partial(possible) : whole.get(0);
    }

    /** A source of which something is there, so that the message says what is missing. */
    private RowSource partial(List<RowSource> possible) {
      return possible.stream()
          .filter(source -> source.needed().stream().anyMatch(this::has))
          .findFirst()
          .orElseThrow(() -> refused("none of the columns that training reads is there"));
    }

    /** Whether all is there that tells this source from the others; its label may be missing. */
    private boolean has(String first, RowSource source) {
      return has(first)
          && source.needed().stream().allMatch(role -> role.equals(LABEL) || has(role));
    }

    private boolean has(String name) {
      return columns.stream().anyMatch(column -> column.name().equals(name));
    }

    private static String listed(List<RowSource> sources, String separator) {
      return sources.stream()
          .map(
              source ->
                  source.needed().stream()
                      .filter(role -> !role.equals(LABEL))
                      .collect(Collectors.joining(" and ")))
          .collect(Collectors.joining(separator));
    }

    /** Adds the columns that are named and that nothing of this kind is made of. */
    void unread() {
      List<RowSource> possible = RowSource.of(kind);
      for (String role : RowSource.allRoles()) {
        boolean read = possible.stream().anyMatch(source -> source.roles().contains(role));
        boolean label = role.equals(LABELS) && kind == LabelKind.NUMBERS;
        if (names.named(role) && !read && !label) {
          problems.add("a column for " + role + " is named, which this task does not read");
        }
      }
    }

    /** The column of what is said about a row: Hugging Face writes {@code label} and labels. */
    String label() {
      if (names.named(LABEL) || !(names.named(LABELS) || has(LABELS))) {
        return names.of(LABEL);
      }
      if (has(LABEL) && !names.named(LABELS)) {
        problems.add("both label and labels are there");
      }
      return names.of(LABELS);
    }

    /** Whether the column is there; adds what is wrong with it, and if it must be there. */
    boolean finds(String name, String role, boolean needed) {
      List<Column> found =
          columns.stream().filter(column -> column.name().equalsIgnoreCase(name)).toList();
      if (found.size() > 1) {
        problems.add(name + " is there " + found.size() + " times");
        return false;
      }
      if (found.stream().anyMatch(column -> column.name().equals(name))) {
        wrongType(found.get(0), role);
        return true;
      }
      if (names.named(role) || needed) {
        problems.add("there is no " + name);
      }
      return false;
    }

    private void wrongType(Column column, String role) {
      String wanted = wanted(column.type(), role);
      if (!wanted.isEmpty()) {
        problems.add(column.name() + " is " + column.type() + ", not " + wanted);
      }
    }

    /** What a column of this role has to be, or nothing if this type will do. */
    private static String wanted(String type, String role) {
      return switch (role) {
        case INPUT_IDS, ATTENTION_MASK, TOKEN_TYPE_IDS, LABELS ->
            ID_ARRAYS.contains(type) ? "" : "array<int>";
        case LABEL ->
            isText(type)
                ? "a number (number the classes from 0; Spark ML's LoraFaSequenceClassifier does"
                    + " so itself)"
                : isNumbers(type) ? "" : "a number or an array of numbers";
        case MESSAGES -> isConversation(type) ? "" : "array<struct<role:string,content:string>>";
        default -> isText(type) ? "" : "string";
      };
    }

    private static boolean isText(String type) {
      return type.equals("string") || type.startsWith("varchar(") || type.startsWith("char(");
    }

    private static boolean isNumbers(String type) {
      String element = type.replaceFirst("^array<(.*)>$", "$1");
      return element.startsWith("decimal(")
          || Set.of("boolean", "tinyint", "smallint", "int", "bigint", "float", "double")
              .contains(element);
    }

    private static boolean isConversation(String type) {
      return type.equals("array<map<string,string>>")
          || (type.startsWith("array<struct<")
              && type.contains("role:string")
              && type.contains("content:"));
    }

    IllegalArgumentException refused(String problem) {
      return new IllegalArgumentException(
          ("Cannot read the dataset: %s; its columns are [%s] (name columns with --text-column and"
                  + " the like, or select and rename them so that there is %s)")
              .formatted(
                  problem,
                  columns.stream().map(Column::toString).collect(Collectors.joining(", ")),
                  RowSource.of(kind).stream()
                      .map(RowSource::described)
                      .collect(Collectors.joining(", or "))));
    }
  }
}
