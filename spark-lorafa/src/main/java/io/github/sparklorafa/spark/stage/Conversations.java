package io.github.sparklorafa.spark.stage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import scala.collection.JavaConverters;

/** Conversations in a column, as maps and lists. */
final class Conversations {
  private static final Set<String> KEPT = Set.of("role", "content");

  private Conversations() {}

  /** The messages of a row; null if there are none. */
  static List<Map<String, Object>> of(Row row, int place) {
    if (row.isNullAt(place)) {
      return null;
    }
    List<Map<String, Object>> messages = new ArrayList<>();
    for (Object message : row.getList(place)) {
      messages.add(message == null ? Map.of() : fields(message));
    }
    return messages;
  }

  /**
   * The fields of a struct or map. Those that are null are left out but for role and content: a
   * struct has each field in each row, also where the conversation has nothing there.
   */
  private static Map<String, Object> fields(Object message) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (message instanceof Row row) {
      for (String name : row.schema().fieldNames()) {
        Object value = value(row.get(row.fieldIndex(name)));
        if (value != null || KEPT.contains(name)) {
          fields.put(name, value);
        }
      }
    } else {
      JavaConverters.mapAsJavaMap((scala.collection.Map<?, ?>) message)
          .forEach((name, value) -> fields.put(String.valueOf(name), value(value)));
    }
    return fields;
  }

  private static Object value(Object value) {
    if (value instanceof Row || value instanceof scala.collection.Map) {
      return fields(value);
    }
    if (value instanceof scala.collection.Seq<?> elements) {
      List<Object> list = new ArrayList<>();
      JavaConverters.seqAsJavaList(elements).forEach(element -> list.add(value(element)));
      return list;
    }
    return value;
  }
}
