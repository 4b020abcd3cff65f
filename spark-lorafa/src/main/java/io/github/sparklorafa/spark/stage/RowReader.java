package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.RowShape;
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

  private final RowShape.Source source;
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
              ids(row, 0), optional(row, RowShape.ATTENTION_MASK), optional(row, RowShape.LABELS));
      case TEXT -> examples.fromText(tokenizer.get(), row.getString(indexes[0]));
      case PROMPT_AND_COMPLETION ->
          examples.fromPromptAndCompletion(
              tokenizer.get(), row.getString(indexes[0]), row.getString(indexes[1]));
    };
  }

  private List<? extends Number> optional(Row row, String role) {
    int place = roles.indexOf(role);
    return place < 0 ? null : ids(row, place);
  }

  private List<? extends Number> ids(Row row, int place) {
    return row.isNullAt(indexes[place]) ? null : row.getList(indexes[place]);
  }
}
