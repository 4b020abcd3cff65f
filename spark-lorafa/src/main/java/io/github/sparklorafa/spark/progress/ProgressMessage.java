package io.github.sparklorafa.spark.progress;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
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
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
          .build();

  enum Kind {
    START,
    STEP,
    TAPE,
    EVALUATION,
    CHECKPOINT,
    WORKER,
    NOTE,
    /** A worker has all that it needs to begin. */
    READY,
    FAILURE,
    /** Asks whether a worker has failed. */
    FIRST_FAILURE,
    /** Asks for nothing but an answer, which comes after everything sent before. */
    FLUSH
  }

  static ProgressMessage of(Kind kind, int attempt, Object body) {
    return new ProgressMessage(kind, attempt, MAPPER.valueToTree(body));
  }

  /**
   * Parses what {@link #json} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static ProgressMessage parse(String json) {
    try {
      ProgressMessage message = MAPPER.readValue(json, ProgressMessage.class);
      if (message != null) {
        return message;
      }
    } catch (JsonProcessingException e) {
      throw unreadable(e);
    }
    throw unreadable(null);
  }

  /** Without what stands in it, which may be anybody's. */
  private static IllegalArgumentException unreadable(Exception cause) {
    return new IllegalArgumentException(
        "Cannot read a progress message (use one jar on all machines)", cause);
  }

  String json() {
    return text(this);
  }

  /**
   * The body as a record.
   *
   * @throws IllegalArgumentException if it is none of that type
   */
  <T> T body(Class<T> type) {
    try {
      T value = MAPPER.treeToValue(body, type);
      if (value != null) {
        return value;
      }
    } catch (JsonProcessingException e) {
      throw unreadable(e);
    }
    throw unreadable(null);
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
