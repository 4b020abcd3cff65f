package io.github.sparklorafa.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tokens of a {@code tokenizer.json} and their ids. Read as a stream: a vocabulary may have
 * hundreds of thousands of entries, and more merges.
 */
final class TokenizerVocabulary {
  /** Beyond every model; an array of embeddings that long fits no machine. */
  private static final int LARGEST_ID = 1 << 28;

  private final Map<String, Integer> ids = new HashMap<>();
  private final Set<Integer> special = new TreeSet<>();
  private int size;

  private TokenizerVocabulary() {}

  static TokenizerVocabulary read(TokenizerSource source) throws IOException {
    TokenizerVocabulary vocabulary = new TokenizerVocabulary();
    try (InputStream in = source.open();
        JsonParser json = TokenizerFiles.JSON.createParser(in)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("it is not a JSON object");
      }
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
    if (vocabulary.size == 0) {
      throw new IOException("it holds no tokens");
    }
    return vocabulary;
  }

  /** The largest id plus one. */
  int size() {
    return size;
  }

  /** The id of a token, or null. */
  Integer id(String token) {
    return ids.get(token);
  }

  /** The ids of the added tokens that are special. */
  Set<Integer> special() {
    return Collections.unmodifiableSet(special);
  }

  private void readAdded(JsonNode tokens) throws IOException {
    for (JsonNode token : tokens) {
      JsonNode id = token.path("id");
      put(
          token.path("content").asText(),
          id.isIntegralNumber() && id.canConvertToLong() ? id.longValue() : -1);
      if (token.path("special").asBoolean()) {
        special.add(id.intValue());
      }
    }
  }

  private void readModel(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new IOException("model is not a JSON object");
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      if (!field.equals("vocab")) {
        json.skipChildren();
      } else if (value == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          put(json.currentName(), json.nextLongValue(-1));
        }
      } else if (value == JsonToken.START_ARRAY) {
        readPieces(json);
      } else {
        throw new IOException("vocab is neither an object nor a list");
      }
    }
  }

  /** Unigram's list of piece and score. */
  private void readPieces(JsonParser json) throws IOException {
    for (int id = 0; json.nextToken() == JsonToken.START_ARRAY; id++) {
      put(json.nextTextValue(), id);
      while (json.nextToken() != JsonToken.END_ARRAY) {
        json.skipChildren();
      }
    }
  }

  private void put(String token, long id) throws IOException {
    if (id < 0 || id > LARGEST_ID) {
      throw new IOException("a token has no id, a negative or an impossible one");
    }
    ids.put(token, (int) id);
    size = Math.max(size, (int) id + 1);
  }
}
