package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.train.Problems;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;

/** The columns that prediction reads and adds. */
final class PredictColumns {
  private PredictColumns() {}

  /** {@link #with} those of the columns that have a name. */
  static StructType withNamed(
      StructType schema, List<String> names, List<DataType> types, Problems problems) {
    List<Integer> named =
        IntStream.range(0, names.size()).filter(i -> !names.get(i).isEmpty()).boxed().toList();
    return with(
        schema,
        named.stream().<String>map(names::get).toList(),
        named.stream().<DataType>map(types::get).toList(),
        problems);
  }

  /** The schema with more columns, none of which it may have. */
  static StructType with(
      StructType schema, List<String> names, List<DataType> types, Problems problems) {
    StructType more = schema;
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (Arrays.stream(more.fieldNames()).anyMatch(name::equalsIgnoreCase)) {
        problems.add(
            "Cannot add column: %s (the data has it already; rename or drop it, or name another column)",
            name);
      }
      more = more.add(name, types.get(i), true);
    }
    return more;
  }

  static void checkBatchSize(int batchSize, Problems problems) {
    if (batchSize < 1) {
      problems.add("Cannot use batch size: %d (use 1 or more)", batchSize);
    }
  }

  /**
   * The rows with what the schema's metadata says of their columns, such as the names of classes in
   * Spark's attributes, which rows that went through a task have lost.
   */
  static Dataset<Row> described(Dataset<Row> rows, StructType schema) {
    if (Arrays.stream(schema.fields()).allMatch(field -> isEmpty(field.metadata()))) {
      return rows;
    }
    return rows.select(
        Arrays.stream(schema.fields())
            .map(
                field -> {
                  Column column = rows.col("`" + field.name().replace("`", "``") + "`");
                  return isEmpty(field.metadata())
                      ? column
                      : column.as(field.name(), field.metadata());
                })
            .toArray(Column[]::new));
  }

  private static boolean isEmpty(Metadata metadata) {
    return metadata.equals(Metadata.empty());
  }
}
