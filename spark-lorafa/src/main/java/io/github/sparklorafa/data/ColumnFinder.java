package io.github.sparklorafa.data;

import static io.github.sparklorafa.data.RowShape.ATTENTION_MASK;
import static io.github.sparklorafa.data.RowShape.INPUT_IDS;
import static io.github.sparklorafa.data.RowShape.LABEL;
import static io.github.sparklorafa.data.RowShape.LABELS;
import static io.github.sparklorafa.data.RowShape.MESSAGES;
import static io.github.sparklorafa.data.RowShape.TOKEN_TYPE_IDS;

import io.github.sparklorafa.data.RowShape.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Looks for the columns of a dataset's rows, and collects what is wrong with them. */
final class ColumnFinder {
  private static final Set<String> ID_ARRAYS =
      Set.of("array<int>", "array<bigint>", "array<smallint>", "array<tinyint>");

  private final List<Column> columns;
  private final Columns names;
  private final LabelKind kind;

  private final List<String> problems = new ArrayList<>();

  ColumnFinder(List<Column> columns, Columns names, LabelKind kind) {
    this.columns = columns;
    this.names = names;
    this.kind = kind;
  }

  /** What is wrong so far. */
  List<String> problems() {
    return problems;
  }

  /** The name of the column of a role. */
  String name(String role) {
    return role.equals(LABEL) ? label() : names.of(role);
  }

  /** What is to be answered. */
  RowSource asked() {
    List<RowSource> possible =
        RowSource.of(kind).stream().filter(source -> !source.asked().isEmpty()).toList();
    RowSource.allAsked().stream()
        .filter(source -> !possible.contains(source))
        .flatMap(source -> source.roles().stream())
        .filter(names::named)
        .forEach(
            role ->
                problems.add("a column for " + role + " is named, which this model does not read"));
    List<RowSource> named =
        possible.stream().filter(source -> source.roles().stream().anyMatch(names::named)).toList();
    if (named.size() > 1) {
      throw unclear(
          "columns for %s are named, of which one alone is answered"
              .formatted(asked(named, " and for ")));
    }
    if (named.size() == 1) {
      return named.get(0);
    }
    List<RowSource> whole =
        possible.stream().filter(source -> source.needed().stream().allMatch(this::has)).toList();
    if (whole.size() == 1) {
      return whole.get(0);
    }
    List<RowSource> there = possible.stream().filter(s -> has(s.asked().get(0))).toList();
    if (there.size() > 1) {
      throw unclear("both %s are there".formatted(asked(there, " and ")));
    }
    return there.stream()
        .findFirst()
        .orElseThrow(() -> unclear("none of the columns that a model answers is there"));
  }

  private static String asked(List<RowSource> sources, String separator) {
    return sources.stream()
        .map(source -> source.asked().get(0))
        .collect(Collectors.joining(separator));
  }

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
    return has(first) && source.needed().stream().allMatch(role -> role.equals(LABEL) || has(role));
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
            .formatted(problem, there(), described(RowSource::described)));
  }

  IllegalArgumentException unclear(String problem) {
    return new IllegalArgumentException(
        ("Cannot find what to answer: %s; its columns are [%s] (name columns with --prompt-column"
                + " and the like, or select and rename them so that there is %s)")
            .formatted(problem, there(), described(RowSource::describedToAnswer)));
  }

  private String there() {
    return columns.stream().map(Column::toString).collect(Collectors.joining(", "));
  }

  private String described(Function<RowSource, String> words) {
    return RowSource.of(kind).stream()
        .map(words)
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining(", or "));
  }
}
