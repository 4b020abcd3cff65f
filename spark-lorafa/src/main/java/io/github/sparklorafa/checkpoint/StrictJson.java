package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * JSON objects from files that nobody vouches for: no duplicate keys, no deep nesting, no trailing
 * text.
 */
final class StrictJson {
  private static final int DEEPEST = 64;
  private static final int LARGEST_BYTES = 64 << 20;

  static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private StrictJson() {}

  /** The object, or an empty one after a complaint. */
  static ObjectNode parse(String json, Problems problems) {
    if (json.startsWith("\uFEFF")) {
      problems.add("it begins with a byte order mark");
      return MAPPER.createObjectNode();
    }
    try {
      JsonNode node = MAPPER.readTree(json);
      if (node instanceof ObjectNode object) {
        return object;
      }
      problems.add("it is not a JSON object");
    } catch (JsonProcessingException e) {
      problems.add("it is not valid JSON: " + Problems.quote(e.getOriginalMessage()));
    }
    return MAPPER.createObjectNode();
  }

  /** Indented, as Hugging Face's own files are, with a line end. */
  static String text(JsonNode node) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(
          "Cannot write JSON: " + e.getOriginalMessage() + " (report this)", e);
    }
  }

  /**
   * The text of a small file anywhere.
   *
   * @throws IOException also if it is too large
   */
  static String read(InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(LARGEST_BYTES + 1);
    if (bytes.length > LARGEST_BYTES) {
      throw new IOException("it has more than " + LARGEST_BYTES + " bytes");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * The text of a small local file.
   *
   * @throws IllegalArgumentException if it is missing, too large or not UTF-8
   */
  static String read(Path file, String wayOut) {
    Problems problems = new Problems("Cannot read: " + file, wayOut);
    try {
      InputFiles.problem(file).ifPresent(problems::add);
      problems.throwIfAny();
      if (Files.size(file) > LARGEST_BYTES) {
        problems.add("it has " + Files.size(file) + " bytes, more than " + LARGEST_BYTES);
      } else {
        return Files.readString(file);
      }
    } catch (CharacterCodingException e) {
      problems.add("it is not UTF-8 text");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read: " + file + " (check its permissions)", e);
    }
    problems.throwIfAny();
    return "";
  }
}
