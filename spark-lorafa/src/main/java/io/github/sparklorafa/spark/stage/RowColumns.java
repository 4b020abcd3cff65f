package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.RowShape;
import java.util.Arrays;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The columns that training reads from a dataset. */
final class RowColumns {
  private RowColumns() {}

  /**
   * @throws IllegalArgumentException if the columns give no rows to train on
   */
  static RowShape shape(Dataset<Row> data, Columns names) {
    return RowShape.of(
        Arrays.stream(data.schema().fields())
            .map(field -> new RowShape.Column(field.name(), field.dataType().simpleString()))
            .toList(),
        names);
  }
}
