package io.github.sparklorafa.spark.ml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamPair;
import org.apache.spark.ml.param.Params;
import scala.NotImplementedError;
import scala.collection.JavaConverters;

/**
 * The metadata of a stage as Spark's own stages store it ({@code DefaultParamsWriter}, which is
 * private): one line of JSON in {@code metadata/part-00000}. A {@code PipelineModel} finds the
 * class by it.
 */
final class StageMetadata {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String FOLDER = "metadata";
  private static final String CLASS = "class";
  private static final String UID = "uid";
  private static final String PARAMS = "paramMap";
  private static final String DEFAULTS = "defaultParamMap";
  private static final int LONGEST = 160;

  private final String path;
  private final JsonNode json;

  private StageMetadata(String path, JsonNode json) {
    this.path = path;
    this.json = json;
  }

  static void write(Params stage, String path, String sparkVersion, Configuration hadoop)
      throws IOException {
    ObjectNode json = MAPPER.createObjectNode();
    json.put(CLASS, stage.getClass().getName());
    json.put("timestamp", System.currentTimeMillis());
    json.put("sparkVersion", sparkVersion);
    json.put(UID, stage.uid());
    json.set(PARAMS, encoded(stage.paramMap()));
    json.set(DEFAULTS, encoded(stage.defaultParamMap()));
    SmallFiles.write(new Path(path, FOLDER + "/part-00000"), json + "\n", hadoop);
    SmallFiles.write(new Path(path, FOLDER + "/_SUCCESS"), "", hadoop);
  }

  private static ObjectNode encoded(ParamMap values) throws JsonProcessingException {
    ObjectNode json = MAPPER.createObjectNode();
    for (ParamPair<?> pair : JavaConverters.seqAsJavaList(values.toSeq())) {
      json.set(pair.param().name(), MAPPER.readTree(encoded(pair)));
    }
    return json;
  }

  private static <V> String encoded(ParamPair<V> pair) {
    return pair.param().jsonEncode(pair.value());
  }

  /**
   * @throws IllegalArgumentException if there is no such stage at {@code path}
   */
  static StageMetadata read(String path, Class<?> expected, Configuration hadoop)
      throws IOException {
    Path folder = new Path(path, FOLDER);
    FileSystem files = folder.getFileSystem(hadoop);
    FileStatus[] parts = files.globStatus(new Path(folder, "part-*"));
    if (parts == null || parts.length == 0) {
      throw new IllegalArgumentException(
          "Cannot load: %s (there is no %s/part-00000; name a folder that a stage was saved to)"
              .formatted(path, FOLDER));
    }
    StringBuilder text = new StringBuilder();
    for (FileStatus part : parts) {
      text.append(SmallFiles.read(part.getPath(), hadoop));
    }
    JsonNode json;
    try {
      json = MAPPER.readTree(text.toString());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "Cannot load: %s (its metadata is no JSON: save the stage again)".formatted(path), e);
    }
    String saved = json.path(CLASS).asText();
    if (!saved.equals(expected.getName())) {
      throw new IllegalArgumentException(
          "Cannot load: %s as %s (it was saved as %s: load it as that)"
              .formatted(path, expected.getName(), start(saved)));
    }
    if (!json.path(UID).asText().matches("[^/\\\\:\\p{Cntrl}]{1,200}")
        || json.path(UID).asText().matches("\\.+")) {
      throw new IllegalArgumentException(
          "Cannot load: %s (its uid is %s, and folders are named after it: save the stage again)"
              .formatted(path, start(json.path(UID).asText())));
    }
    return new StageMetadata(path, json);
  }

  String uid() {
    return json.path(UID).asText();
  }

  /** Sets all params, and the defaults of the version that saved them. */
  void setParams(Params stage) {
    setAll(stage, json.path(PARAMS), (param, value) -> stage.set(param, value));
    setAll(stage, json.path(DEFAULTS), (param, value) -> stage.setDefault(param, value));
  }

  private interface Setter {
    Params set(Param<Object> param, Object value);
  }

  private void setAll(Params stage, JsonNode values, Setter setter) {
    Iterator<Map.Entry<String, JsonNode>> entries = values.fields();
    while (entries.hasNext()) {
      Map.Entry<String, JsonNode> entry = entries.next();
      if (!stage.hasParam(entry.getKey())) {
        throw new IllegalArgumentException(
            "Cannot load: %s, param %s is unknown (it was saved by another version: use that one)"
                .formatted(path, start(entry.getKey())));
      }
      Param<Object> param = stage.getParam(entry.getKey());
      String value = entry.getValue().toString();
      try {
        Params unused = setter.set(param, whole(param.jsonDecode(value)));
      } catch (Exception | NotImplementedError e) {
        // Spark's params throw what their JSON library does, checked though Scala doesn't say so.
        throw new IllegalArgumentException(
            "Cannot load: %s, param %s is %s (set it, and save the stage again)"
                .formatted(path, param.name(), start(value)),
            e);
      }
    }
  }

  /** JSON's null is no value of any param, nor within one. */
  private static Object whole(Object value) {
    Stream<?> parts =
        value instanceof Object[] items
            ? Arrays.stream(items)
            : value instanceof Map<?, ?> map ? map.values().stream() : Stream.of(value);
    parts.forEach(Objects::requireNonNull);
    return value;
  }

  /** Of what a file says, as much as a message bears. */
  private static String start(String text) {
    String clean = text.replaceAll("\\p{Cntrl}", "?");
    return clean.length() <= LONGEST ? clean : clean.substring(0, LONGEST) + "...";
  }
}
