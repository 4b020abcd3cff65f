package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.data.RowSource;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenizedRow;
import java.io.Serializable;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Reads a row's example from the columns of a shape. */
final class RowReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private final RowSource source;
  private final List<String> roles;
  private final int[] indexes;

  private RowReader(RowShape shape, IntStream indexes) {
    this.source = shape.source();
    this.roles = List.copyOf(shape.roles());
    this.indexes = indexes.toArray();
  }

  /** For rows that keep all their columns. */
  static RowReader in(StructType schema, RowShape shape) {
    return new RowReader(shape, shape.columns().stream().mapToInt(schema::fieldIndex));
  }

  /** For rows of the shape's columns alone, in its order. */
  static RowReader ofColumns(RowShape shape) {
    return new RowReader(shape, IntStream.range(0, shape.columns().size()));
  }

  /** The row's example, or why there is none. */
  TokenizedRow read(Examples examples, Row row, Supplier<TextTokenizer> tokenizer) {
    return switch (source) {
      case INPUT_IDS ->
          examples.fromInputIds(
              ids(row, 0),
              optional(row, RowShape.ATTENTION_MASK),
              optional(row, RowShape.TOKEN_TYPE_IDS),
              optional(row, RowShape.LABELS));
      case SOURCE_IDS ->
          examples.fromSourceIds(ids(row, 0), optional(row, RowShape.ATTENTION_MASK), ids(row, 1));
      case LABELLED_IDS ->
          examples.fromLabelledIds(
              ids(row, 0),
              optional(row, RowShape.ATTENTION_MASK),
              optional(row, RowShape.TOKEN_TYPE_IDS),
              numbers(row, 1));
      case TEXT_ALONE -> examples.fromText(tokenizer.get(), text(row, 0));
      case LABELLED_TEXT ->
          roles.contains(RowShape.TEXT_PAIR)
              ? examples.fromLabelledPair(
                  tokenizer.get(), text(row, 0), text(row, 2), numbers(row, 1))
              : examples.fromLabelledText(tokenizer.get(), text(row, 0), numbers(row, 1));
      case PROMPT_AND_COMPLETION ->
          examples.fromPromptAndCompletion(tokenizer.get(), text(row, 0), text(row, 1));
      case CHAT -> examples.fromMessages(tokenizer.get(), Conversations.of(row, indexes[0]));
      case INSTRUCTION_AND_OUTPUT ->
          examples.fromInstruction(
              tokenizer.get(),
              text(row, 0),
              roles.contains(RowShape.INPUT) ? text(row, 2) : null,
              text(row, 1));
    };
  }

  private String text(Row row, int place) {
    return row.getString(indexes[place]);
  }

  private List<? extends Number> optional(Row row, String role) {
    int place = roles.indexOf(role);
    return place < 0 ? null : ids(row, place);
  }

  private List<? extends Number> ids(Row row, int place) {
    return row.isNullAt(indexes[place]) ? null : row.getList(indexes[place]);
  }

  /** A number, a truth, or an array of them. */
  private List<? extends Number> numbers(Row row, int place) {
    Object value = row.get(indexes[place]);
    if (value == null) {
      return null;
    }
    return value instanceof Number || value instanceof Boolean
        ? List.of(number(value))
        : row.getList(indexes[place]).stream().map(RowReader::number).toList();
  }

  private static Number number(Object value) {
    return value instanceof Boolean truth ? (Number) (truth ? 1 : 0) : (Number) value;
  }
}
