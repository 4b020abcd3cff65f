package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.RowShape;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** The columns that training and prediction read from a dataset. */
final class RowColumns {
  private RowColumns() {}

  /**
   * @param kind the labels that examples shall have
   * @throws IllegalArgumentException if the columns give no rows to train on
   */
  static RowShape shape(Dataset<Row> data, Columns names, LabelKind kind) {
    return shape(data.schema(), names, kind);
  }

  static RowShape shape(StructType schema, Columns names, LabelKind kind) {
    return RowShape.of(columns(schema), names, kind);
  }

  /**
   * Those of what a model is to answer.
   *
   * @param kind the labels that examples to train on would have
   * @throws IllegalArgumentException if the columns give nothing to answer
   */
  static RowShape toAnswer(StructType schema, Columns names, LabelKind kind) {
    return RowShape.toAnswer(columns(schema), names, kind);
  }

  private static List<RowShape.Column> columns(StructType schema) {
    return Arrays.stream(schema.fields())
        .map(field -> new RowShape.Column(field.name(), field.dataType().simpleString()))
        .toList();
  }
}
