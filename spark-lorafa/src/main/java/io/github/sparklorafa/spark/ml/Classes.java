package io.github.sparklorafa.spark.ml;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.when;

import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.train.Problems;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Labels that are texts, and their indexes: the alphabetical order of the names. */
final class Classes {
  private Classes() {}

  /** The name of the column of labels, as training finds it. */
  static String column(String named, StructType schema) {
    if (!named.isEmpty()) {
      return named;
    }
    List<String> there = Arrays.asList(schema.fieldNames());
    return !there.contains(RowShape.LABEL) && there.contains(RowShape.LABELS)
        ? RowShape.LABELS
        : RowShape.LABEL;
  }

  static boolean areTexts(StructType schema, String column) {
    return Arrays.stream(schema.fields())
        .anyMatch(
            field -> field.name().equals(column) && field.dataType().equals(DataTypes.StringType));
  }

  /** The schema with indexes in place of the texts, in the same column. */
  static StructType indexed(StructType schema, String column) {
    return new StructType(
        Arrays.stream(schema.fields())
            .map(
                field ->
                    field.name().equals(column)
                        ? new StructField(column, DataTypes.DoubleType, true, field.metadata())
                        : field)
            .toArray(StructField[]::new));
  }

  /** All names in the column, but for null, in their order; blocks while Spark looks for them. */
  static List<String> names(Dataset<Row> rows, String column) {
    return rows.select(quoted(column)).distinct().collectAsList().stream()
        .map(row -> row.getString(0))
        .filter(name -> name != null)
        .sorted()
        .toList();
  }

  /** The index of each row's name; null for one that is not among them. */
  static Column index(Column label, List<String> names) {
    if (names.isEmpty()) {
      return lit(null).cast(DataTypes.DoubleType);
    }
    Column[] entries =
        IntStream.range(0, names.size())
            .boxed()
            .flatMap(i -> List.of(lit(names.get(i)), lit((double) i)).stream())
            .toArray(Column[]::new);
    return map(entries).apply(label);
  }

  /** The name of each row's index; null for a row without one. */
  static Column name(Column index, List<String> names) {
    Column[] all = names.stream().map(name -> lit(name)).toArray(Column[]::new);
    // In ANSI mode Spark 3.5 takes element_at of an array without nulls for one that is never null.
    return when(index.isNotNull(), element_at(array(all), index.cast("int").plus(1)));
  }

  static Column quoted(String name) {
    return col("`" + name.replace("`", "``") + "`");
  }

  static void checkNew(StructType schema, String name, Problems problems) {
    if (Arrays.stream(schema.fieldNames()).anyMatch(name::equalsIgnoreCase)) {
      problems.add(
          "Cannot add column: %s (the data has it already; rename or drop it, or name another"
              + " column)",
          name);
    }
  }
}
