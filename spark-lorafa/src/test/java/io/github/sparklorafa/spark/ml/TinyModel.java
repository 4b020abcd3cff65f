package io.github.sparklorafa.spark.ml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/** A LLaMA of two layers whose tokenizer knows letters only. */
final class TinyModel {
  private static final int VOCABULARY = 97;

  private TinyModel() {}

  static Path reference(String name) {
    try {
      return Path.of(TinyModel.class.getResource("/reference/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static void write(Path folder) throws IOException {
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(reference("llama-gqa").resolve(name), folder.resolve(name));
    }
    tokenizer(folder, VOCABULARY);
  }

  /** The reference's tokenizer without merges, cut to a model of so many embeddings. */
  static void tokenizer(Path folder, int vocabulary) throws IOException {
    ObjectMapper json = new ObjectMapper();
    JsonNode tokenizer = json.readTree(reference("tokenizer/tokenizer.json").toFile());
    ((ObjectNode) tokenizer.get("model")).putArray("merges");
    Iterator<JsonNode> ids = tokenizer.get("model").get("vocab").elements();
    while (ids.hasNext()) {
      if (ids.next().asInt() >= vocabulary) {
        ids.remove();
      }
    }
    json.writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
  }
}
