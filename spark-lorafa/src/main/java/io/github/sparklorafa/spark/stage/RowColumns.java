package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.RowShape;
import java.util.Arrays;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The columns that training reads from a dataset. */
final class RowColumns {
  private RowColumns() {}

  /**
   * @param kind the labels that examples shall have
   * @throws IllegalArgumentException if the columns give no rows to train on
   */
  static RowShape shape(Dataset<Row> data, Columns names, LabelKind kind) {
    return RowShape.of(
        Arrays.stream(data.schema().fields())
            .map(field -> new RowShape.Column(field.name(), field.dataType().simpleString()))
            .toList(),
        names,
        kind);
  }
}
