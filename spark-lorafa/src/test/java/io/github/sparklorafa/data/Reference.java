package io.github.sparklorafa.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.Consumer;

/** Values that Python computed, and examples to try things on. */
final class Reference {

  static final ObjectMapper JSON = new ObjectMapper();

  private Reference() {}

  static Path path(String name) {
    try {
      return Path.of(Reference.class.getResource("/reference/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonNode json(String name) {
    try {
      return JSON.readTree(path(name).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The byte-level reference tokenizer, with a changed tokenizer.json, copied to a folder. */
  static Path tokenizer(Path folder, Consumer<ObjectNode> change) throws IOException {
    ObjectNode tokenizer = (ObjectNode) json("tokenizer/tokenizer.json");
    change.accept(tokenizer);
    JSON.writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
    Files.copy(path("tokenizer/tokenizer_config.json"), folder.resolve("tokenizer_config.json"));
    return folder;
  }

  /** An example of 1 to 40 tokens: all learned, only its end, or with labels of its own. */
  static Example example(Random random) {
    int[] ids = random.ints(1 + random.nextInt(40), 0, 1000).toArray();
    int[] labels = ids.clone();
    int kind = random.nextInt(3);
    int prompt = random.nextInt(ids.length + 1);
    for (int i = 0; i < ids.length && kind > 0; i++) {
      boolean ignored = kind == 1 ? i < prompt : random.nextInt(3) == 0;
      labels[i] = ignored ? Example.IGNORED : kind == 1 ? ids[i] : random.nextInt(1000);
    }
    return new Example(ids, labels);
  }

  static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }
}
