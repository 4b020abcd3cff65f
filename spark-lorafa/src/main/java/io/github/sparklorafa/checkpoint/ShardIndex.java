package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which safetensors file of a folder holds which tensor: one file, or several with an index. */
final class ShardIndex {
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";
  static final String WEIGHT_MAP = "weight_map";
  static final String METADATA = "metadata";
  static final String TOTAL_SIZE = "total_size";

  private static final String WAY_OUT = "download or write the checkpoint again";

  private ShardIndex() {}

  /**
   * Opens every file of the folder's weights.
   *
   * @return the open file by tensor name
   * @throws IllegalArgumentException naming everything that is wrong with index and headers
   */
  static Map<String, SafetensorsFile> open(Path folder) {
    Path single = folder.resolve(SINGLE);
    if (Files.exists(single)) {
      Map<String, SafetensorsFile> files = new LinkedHashMap<>();
      SafetensorsFile file = SafetensorsFile.open(single);
      file.names().forEach(name -> files.put(name, file));
      return files;
    }
    Path index = folder.resolve(INDEX);
    if (!Files.exists(index)) {
      throw new IllegalArgumentException(
          "Cannot open checkpoint: %s (give a folder with %s, or with %s and its files)"
              .formatted(folder, SINGLE, INDEX));
    }
    return openSharded(folder, index);
  }

  private static Map<String, SafetensorsFile> openSharded(Path folder, Path index) {
    Problems problems = new Problems("Cannot read index: " + index, WAY_OUT);
    Map<String, String> weightMap = weightMap(StrictJson.read(index, WAY_OUT), problems);
    Map<String, SafetensorsFile> shards = new TreeMap<>();
    for (String shard : new TreeSet<>(weightMap.values())) {
      try {
        shards.put(shard, SafetensorsFile.open(folder.resolve(shard)));
      } catch (IllegalArgumentException e) {
        problems.add(e.getMessage());
      }
    }
    Map<String, SafetensorsFile> files = new LinkedHashMap<>();
    shards.forEach(
        (shard, file) -> {
          for (String name : file.names()) {
            if (shard.equals(weightMap.get(name))) {
              files.put(name, file);
            } else {
              problems.add(
                  "%s holds tensor %s, which the index does not say"
                      .formatted(shard, Problems.quote(name)));
            }
          }
        });
    weightMap.forEach(
        (name, shard) -> {
          if (shards.containsKey(shard) && !files.containsKey(name)) {
            problems.add(
                "%s does not hold tensor %s, as the index says"
                    .formatted(shard, Problems.quote(name)));
          }
        });
    problems.throwIfAny();
    return files;
  }

  private static Map<String, String> weightMap(String json, Problems problems) {
    ObjectNode object = StrictJson.parse(json, problems);
    problems.throwIfAny();
    Map<String, String> weightMap = new LinkedHashMap<>();
    JsonNode map = object.path(WEIGHT_MAP);
    if (!map.isObject() || map.isEmpty()) {
      problems.add(WEIGHT_MAP + " is not an object with tensors");
    }
    map.fields()
        .forEachRemaining(
            field -> {
              String shard = field.getValue().asText();
              // A plain name: nothing in an index may lead out of the folder.
              if (field.getValue().isTextual() && isPlainName(shard)) {
                weightMap.put(field.getKey(), shard);
              } else {
                problems.add(
                    ("tensor %s is said to be in %s, which is not the name of a safetensors"
                            + " file in the folder")
                        .formatted(
                            Problems.quote(field.getKey()),
                            Problems.quote(field.getValue().toString())));
              }
            });
    problems.throwIfAny();
    return weightMap;
  }

  private static boolean isPlainName(String name) {
    return name.endsWith(".safetensors")
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || Character.isISOControl(c));
  }
}
