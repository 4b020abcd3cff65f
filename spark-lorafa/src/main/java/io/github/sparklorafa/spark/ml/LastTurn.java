package io.github.sparklorafa.spark.ml;

import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.when;

import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;

/** What the assistant says at the end of conversations: the answers that they were learned with. */
final class LastTurn {
  private static final String ROLE = "role";
  private static final String CONTENT = "content";

  private LastTurn() {}

  /** Whether the column is there and has conversations whose content is text. */
  static boolean isThere(StructType schema, String column) {
    return Arrays.asList(schema.fieldNames()).contains(column)
        && schema.apply(column).dataType() instanceof ArrayType messages
        && isMessage(messages.elementType());
  }

  private static boolean isMessage(DataType type) {
    if (type instanceof MapType map) {
      return map.keyType().equals(DataTypes.StringType)
          && map.valueType().equals(DataTypes.StringType);
    }
    return type instanceof StructType fields
        && Arrays.asList(fields.fieldNames()).contains(ROLE)
        && Arrays.asList(fields.fieldNames()).contains(CONTENT)
        && fields.apply(CONTENT).dataType().equals(DataTypes.StringType);
  }

  /** Null where a conversation has no message, or another's last. */
  static Column of(Column messages) {
    Column last = element_at(messages, -1);
    return when(
        size(messages).gt(0),
        when(last.getField(ROLE).equalTo("assistant"), last.getField(CONTENT)));
  }
}
