package io.github.sparklorafa.spark.ml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** A param of numbers by regular expressions, the first that matches; stored as a JSON object. */
public final class PatternParam extends Param<Map<String, Number>> {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  PatternParam(Params parent, String name, String doc) {
    super(parent, name, doc);
  }

  /** A copy that keeps the order. */
  static Map<String, Number> copy(Map<String, ? extends Number> value) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(value));
  }

  @Override
  public String jsonEncode(Map<String, Number> value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Cannot write as JSON: " + value + " (report this)", e);
    }
  }

  @Override
  public Map<String, Number> jsonDecode(String json) {
    try {
      return copy(MAPPER.readValue(json, new TypeReference<LinkedHashMap<String, Number>>() {}));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "Cannot read param: %s = %s (write {\"module\": number})".formatted(name(), json), e);
    }
  }
}
