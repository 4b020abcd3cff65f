package io.github.sparklorafa.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes the parts of a {@code tokenizer.json}, in the words of Hugging Face's tokenizers. */
final class TokenizerJson {
  private static final String TYPE = "type";
  private static final String SPACE = "\u2581";

  private final ObjectNode root = TokenizerFiles.JSON.createObjectNode();
  private final Map<Integer, ObjectNode> added = new TreeMap<>();

  TokenizerJson() {
    root.put("version", "1.0").putNull("truncation").putNull("padding");
  }

  /** A token that is found in a text before it is tokenised. */
  TokenizerJson added(int id, String token, boolean special, boolean leftBlanks) {
    ObjectNode entry = TokenizerFiles.JSON.createObjectNode();
    entry.put("id", id).put("content", token).put("single_word", false);
    entry.put("lstrip", leftBlanks).put("rstrip", false);
    entry.put("normalized", false).put("special", special);
    added.putIfAbsent(id, entry);
    return this;
  }

  /** Those that {@code tokenizer_config.json} lists in {@code added_tokens_decoder}. */
  TokenizerJson addedOf(JsonNode config) {
    config
        .path("added_tokens_decoder")
        .fields()
        .forEachRemaining(
            token -> {
              if (token.getKey().matches("\\d{1,9}") && token.getValue().isObject()) {
                ObjectNode entry = token.getValue().deepCopy();
                int id = Integer.parseInt(token.getKey());
                entry.put("id", id);
                for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
                  entry.put(flag, entry.path(flag).asBoolean());
                }
                added.put(id, entry.put("special", entry.path("special").asBoolean()));
              }
            });
    return this;
  }

  TokenizerJson normalizer(ObjectNode normalizer) {
    root.set("normalizer", normalizer);
    return this;
  }

  TokenizerJson preTokenizer(ObjectNode preTokenizer) {
    root.set("pre_tokenizer", preTokenizer);
    return this;
  }

  TokenizerJson postProcessor(ObjectNode postProcessor) {
    root.set("post_processor", postProcessor);
    return this;
  }

  TokenizerJson decoder(ObjectNode decoder) {
    root.set("decoder", decoder);
    return this;
  }

  TokenizerJson model(ObjectNode model) {
    root.set("model", model);
    return this;
  }

  ObjectNode build() {
    ArrayNode tokens = root.putArray("added_tokens");
    added.values().forEach(tokens::add);
    return root;
  }

  static ObjectNode part(String type) {
    return TokenizerFiles.JSON.createObjectNode().put(TYPE, type);
  }

  static ObjectNode sequence(String parts, ObjectNode... sequence) {
    ObjectNode node = part("Sequence");
    ArrayNode list = node.putArray(parts);
    for (ObjectNode part : sequence) {
      list.add(part);
    }
    return node;
  }

  /** Writes U+2581 for spaces, and one in front: of everything, of its start, or never. */
  static ObjectNode metaspace(String prepend, boolean split) {
    return part("Metaspace")
        .put("replacement", SPACE)
        .put("prepend_scheme", prepend)
        .put("split", split);
  }

  static ObjectNode byteLevel(boolean prefixSpace, boolean trimOffsets) {
    return part("ByteLevel")
        .put("add_prefix_space", prefixSpace)
        .put("trim_offsets", trimOffsets)
        .put("use_regex", true);
  }

  /** Bytes as LLaMA's pieces have them, and text with spaces. */
  static ObjectNode llamaDecoder(boolean prefixSpace) {
    ObjectNode replace = part("Replace");
    replace.putObject("pattern").put("String", SPACE);
    replace.put("content", " ");
    ObjectNode strip = part("Strip").put("content", " ").put("start", 1).put("stop", 0);
    return prefixSpace
        ? sequence("decoders", replace, part("ByteFallback"), part("Fuse"), strip)
        : sequence("decoders", replace, part("ByteFallback"), part("Fuse"));
  }

  /**
   * Adds special tokens to a text and to a pair.
   *
   * @param single {@code $A} and tokens, in order
   * @param pair {@code $A}, {@code $B} and tokens, each with {@code :1} behind it if of type 1
   * @param ids of the tokens
   */
  static ObjectNode template(List<String> single, List<String> pair, Map<String, Integer> ids) {
    ObjectNode node = part("TemplateProcessing");
    template(node.putArray("single"), single);
    template(node.putArray("pair"), pair);
    ObjectNode tokens = node.putObject("special_tokens");
    ids.forEach(
        (token, id) -> {
          ObjectNode entry = tokens.putObject(token).put("id", token);
          entry.putArray("ids").add(id);
          entry.putArray("tokens").add(token);
        });
    return node;
  }

  private static void template(ArrayNode array, List<String> parts) {
    for (String part : parts) {
      boolean second = part.endsWith(":1");
      String name = second ? part.substring(0, part.length() - 2) : part;
      boolean text = name.startsWith("$");
      array
          .addObject()
          .putObject(text ? "Sequence" : "SpecialToken")
          .put("id", text ? name.substring(1) : name)
          .put("type_id", second ? 1 : 0);
    }
  }
}
