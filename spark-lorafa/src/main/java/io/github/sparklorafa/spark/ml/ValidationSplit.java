package io.github.sparklorafa.spark.ml;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import java.util.Arrays;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The rows that a column of booleans keeps from training, and the others.
 *
 * @param training rows with false or null, or all
 * @param validation rows with true; empty if no column is named
 */
record ValidationSplit(Dataset<Row> training, Optional<Dataset<Row>> validation) {
  /**
   * @throws IllegalArgumentException if the column is not there, or has another type
   */
  static void check(StructType schema, String column) {
    if (column.isEmpty()) {
      return;
    }
    if (!Arrays.asList(schema.fieldNames()).contains(column)) {
      throw new IllegalArgumentException(
          "Cannot find validation indicator column: %s (use one of %s)"
              .formatted(column, String.join(", ", schema.fieldNames())));
    }
    if (!schema.apply(column).dataType().equals(DataTypes.BooleanType)) {
      throw new IllegalArgumentException(
          "Cannot read validation indicator column: %s of type %s (use a column of booleans)"
              .formatted(column, schema.apply(column).dataType().simpleString()));
    }
  }

  static ValidationSplit of(Dataset<Row> rows, String column) {
    if (column.isEmpty()) {
      return new ValidationSplit(rows, Optional.empty());
    }
    Column validates = coalesce(rows.col("`" + column.replace("`", "``") + "`"), lit(false));
    return new ValidationSplit(rows.filter(not(validates)), Optional.of(rows.filter(validates)));
  }
}
