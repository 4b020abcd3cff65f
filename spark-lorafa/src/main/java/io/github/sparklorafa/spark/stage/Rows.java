package io.github.sparklorafa.spark.stage;

import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Rows with more columns. */
final class Rows {
  private Rows() {}

  /** The values of {@code row}, then {@code more}. */
  static Row with(Row row, Object... more) {
    Object[] values = new Object[row.size() + more.length];
    for (int i = 0; i < row.size(); i++) {
      values[i] = row.get(i);
    }
    System.arraycopy(more, 0, values, row.size(), more.length);
    return RowFactory.create(values);
  }

  /** The first {@code count} values of a row. */
  static Row first(Row row, int count) {
    Object[] values = new Object[count];
    for (int i = 0; i < count; i++) {
      values[i] = row.get(i);
    }
    return RowFactory.create(values);
  }
}
