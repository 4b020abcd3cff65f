package io.github.sparklorafa.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;

/** Records to JSON and back, every component required. */
final class StoreJson {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);

  private StoreJson() {}

  static String write(Record value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static <T extends Record> T read(String json, Class<T> type, String what) {
    T value = null;
    JsonProcessingException cause = null;
    try {
      value = JSON.readValue(json, type);
    } catch (JsonProcessingException e) {
      cause = e;
    }
    if (value == null) {
      String why = cause == null ? "it is null" : cause.getOriginalMessage();
      throw new IllegalArgumentException(
          "Cannot read %s: %s (written by another version, or damaged)".formatted(what, why),
          cause);
    }
    return value;
  }
}
