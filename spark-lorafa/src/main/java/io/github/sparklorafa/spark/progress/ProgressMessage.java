package io.github.sparklorafa.spark.progress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * A message as JSON: {@code {"kind": …, "attempt": …, "body": …}}.
 *
 * @param attempt of the stage that the sender runs in
 * @param body a record with its names in snake case; null where the kind says all
 */
record ProgressMessage(Kind kind, int attempt, JsonNode body) {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  enum Kind {
    START,
    STEP,
    TAPE,
    EVALUATION,
    NOTE,
    FAILURE,
    /** Asks whether a worker has failed. */
    FIRST_FAILURE,
    /** Asks for nothing but an answer, which comes after everything sent before. */
    FLUSH
  }

  static ProgressMessage of(Kind kind, int attempt, Object body) {
    return new ProgressMessage(kind, attempt, MAPPER.valueToTree(body));
  }

  static ProgressMessage parse(String json) {
    try {
      return MAPPER.readValue(json, ProgressMessage.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "Cannot read a progress message: " + json + " (use one jar on all machines)", e);
    }
  }

  String json() {
    return text(this);
  }

  <T> T body(Class<T> type) {
    return MAPPER.convertValue(body, type);
  }

  /** A record as one line of JSON. */
  static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Cannot write as JSON: " + value + " (report this)", e);
    }
  }
}
