package io.github.sparklorafa.infer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** What transformers computed; see make_generation.py. */
final class GenerationReference {
  private GenerationReference() {}

  /** A text that transformers wrote, the likeliest token each time. */
  record Greedy(double repetitionPenalty, int[] prompt, int[] written, boolean ended) {}

  static List<JsonNode> logits() {
    return list(read().get("logits"));
  }

  static List<Greedy> greedy() {
    List<Greedy> cases = new ArrayList<>();
    for (JsonNode json : read().get("greedy")) {
      cases.add(
          new Greedy(
              json.get("repetition_penalty").asDouble(),
              ints(json.get("prompt")),
              ints(json.get("written")),
              json.get("ended").asBoolean()));
    }
    return cases;
  }

  /** A text that it searched for, of at most 30 tokens. */
  record Searched(BeamSearch search, int[] prompt, int[] written) {}

  static List<Searched> searched() {
    List<Searched> cases = new ArrayList<>();
    for (JsonNode json : read().get("beams")) {
      BeamSearch search =
          new BeamSearch(
              json.get("num_beams").asInt(),
              json.get("length_penalty").asDouble(),
              BeamSearch.EarlyStopping.parse(json.get("early_stopping").asText()));
      cases.add(new Searched(search, ints(json.get("prompt")), ints(json.get("written"))));
    }
    return cases;
  }

  static int[] ints(JsonNode array) {
    return list(array).stream().mapToInt(JsonNode::asInt).toArray();
  }

  static Path file(String path) {
    try {
      return Path.of(GenerationReference.class.getResource("/reference/" + path).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Lays the tiny LLaMA out beside a tokenizer. */
  static void layOut(Path folder) throws IOException {
    for (String name :
        List.of(
            "llama-gqa/config.json", "llama-gqa/model.safetensors", "tokenizer/tokenizer.json")) {
      Path source = file(name);
      Files.copy(source, folder.resolve(source.getFileName()));
    }
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  private static JsonNode read() {
    try {
      return new ObjectMapper().readTree(file("generation.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
