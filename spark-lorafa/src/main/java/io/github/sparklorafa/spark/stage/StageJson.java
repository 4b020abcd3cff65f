package io.github.sparklorafa.spark.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Records as JSON on their way between tasks and the driver: strings pass every serializer. */
final class StageJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private StageJson() {}

  static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Cannot write as JSON: " + value + " (report this)", e);
    }
  }

  static <T> T read(String json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "Cannot read as " + type.getSimpleName() + ": " + json + " (use one jar on all machines)",
          e);
    }
  }
}
