package io.github.sparklorafa.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * What the JSON files of a checkpoint folder say about its tokenizer: the vocabulary's size and the
 * special tokens.
 */
final class TokenizerFiles {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> TOKEN_FILES =
      List.of("tokenizer_config.json", "special_tokens_map.json");
  private static final List<String> MODEL_FILES = List.of("generation_config.json", "config.json");

  private final Map<String, JsonNode> files = new HashMap<>();
  private final Vocabulary vocabulary;

  private TokenizerFiles(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  static TokenizerFiles read(Path folder) throws IOException {
    TokenizerFiles result = new TokenizerFiles(Vocabulary.read(folder.resolve("tokenizer.json")));
    for (List<String> names : List.of(TOKEN_FILES, MODEL_FILES)) {
      for (String name : names) {
        Path file = folder.resolve(name);
        if (Files.exists(file)) {
          result.files.put(name, parse(file));
        }
      }
    }
    return result;
  }

  private static JsonNode parse(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new IOException(file.getFileName() + ": " + e.getMessage(), e);
    }
  }

  /** The largest id of the vocabulary and the added tokens, plus one. */
  int vocabSize() {
    return vocabulary.size;
  }

  OptionalInt bos() {
    return special("bos_token");
  }

  OptionalInt eos() {
    return special("eos_token");
  }

  /** The ids that generation_config.json, or else config.json, ends a text at, and {@link #eos}. */
  NavigableSet<Integer> stops() {
    NavigableSet<Integer> stops = new TreeSet<>();
    for (String file : MODEL_FILES) {
      JsonNode ids = files.getOrDefault(file, JSON.nullNode()).path("eos_token_id");
      if (ids.isInt()) {
        stops.add(ids.asInt());
      }
      ids.forEach(id -> stops.add(id.asInt()));
      if (!stops.isEmpty()) {
        break;
      }
    }
    eos().ifPresent(stops::add);
    return stops;
  }

  private OptionalInt special(String name) {
    for (String file : TOKEN_FILES) {
      JsonNode token = files.getOrDefault(file, JSON.nullNode()).path(name);
      Integer id =
          vocabulary.ids.get(token.isObject() ? token.path("content").asText() : token.asText());
      if (id != null) {
        return OptionalInt.of(id);
      }
    }
    for (String file : MODEL_FILES) {
      JsonNode id = files.getOrDefault(file, JSON.nullNode()).path(name + "_id");
      JsonNode first = id.isArray() ? id.path(0) : id;
      if (first.isInt() && first.asInt() < vocabulary.size) {
        return OptionalInt.of(first.asInt());
      }
    }
    return OptionalInt.empty();
  }

  /** Read as a stream: a vocabulary may have hundreds of thousands of entries, and more merges. */
  private static final class Vocabulary {

    private final Map<String, Integer> ids = new HashMap<>();
    private int size;

    static Vocabulary read(Path file) throws IOException {
      Vocabulary vocabulary = new Vocabulary();
      try (JsonParser json = new JsonFactory(JSON).createParser(file.toFile())) {
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String field = json.currentName();
          json.nextToken();
          switch (field) {
            case "added_tokens" -> vocabulary.readAdded(json.readValueAsTree());
            case "model" -> vocabulary.readModel(json);
            default -> json.skipChildren();
          }
        }
      }
      return vocabulary;
    }

    private void readAdded(JsonNode tokens) {
      tokens.forEach(token -> put(token.path("content").asText(), token.path("id").asInt()));
    }

    private void readModel(JsonParser json) throws IOException {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        JsonToken value = json.nextToken();
        if (!field.equals("vocab")) {
          json.skipChildren();
        } else if (value == JsonToken.START_OBJECT) {
          while (json.nextToken() == JsonToken.FIELD_NAME) {
            put(json.currentName(), json.nextIntValue(-1));
          }
        } else if (value == JsonToken.START_ARRAY) {
          for (int id = 0; json.nextToken() == JsonToken.START_ARRAY; id++) {
            put(json.nextTextValue(), id);
            while (json.nextToken() != JsonToken.END_ARRAY) {
              json.skipChildren();
            }
          }
        }
      }
    }

    private void put(String token, int id) {
      ids.put(token, id);
      size = Math.max(size, id + 1);
    }
  }
}
