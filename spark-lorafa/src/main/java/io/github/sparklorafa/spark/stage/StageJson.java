package io.github.sparklorafa.spark.stage;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Records as JSON on their way between tasks and the driver: strings pass every serializer. */
final class StageJson {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
          .build();

  private StageJson() {}

  static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Cannot write as JSON: " + value + " (report this)", e);
    }
  }

  /**
   * What {@link #write} wrote.
   *
   * @throws IllegalArgumentException if it is something else; without what stands in it, which may
   *     be the word by which workers know each other
   */
  static <T> T read(String json, Class<T> type) {
    try {
      T value = MAPPER.readValue(json, type);
      if (value != null) {
        return value;
      }
    } catch (JsonProcessingException e) {
      throw unreadable(type, e);
    }
    throw unreadable(type, null);
  }

  private static IllegalArgumentException unreadable(Class<?> type, Exception cause) {
    return new IllegalArgumentException(
        "Cannot read as %s (use one jar on all machines)".formatted(type.getSimpleName()), cause);
  }
}
