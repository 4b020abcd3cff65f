package io.github.sparklorafa.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the {@code tokenizer.json} of a plain vocabulary, as transformers does: of {@code
 * vocab.json} and {@code merges.txt} the byte-level BPE of RoBERTa or GPT-2, of {@code vocab.txt}
 * the WordPiece of BERT.
 */
final class VocabularyTokenizer {
  private static final String ROBERTA = "Roberta";

  private VocabularyTokenizer() {}

  /**
   * @param vocabulary id of each token
   * @param merges lines of two tokens, the first merge first; a line with {@code #version} may
   *     stand before
   * @param config what {@code tokenizer_config.json} says
   * @throws IOException if a line is no merge, or the tokenizer's class is one that splits text in
   *     another way
   */
  static ObjectNode byteLevel(JsonNode vocabulary, List<String> merges, JsonNode config)
      throws IOException {
    String kind = config.path("tokenizer_class").asText();
    boolean roberta =
        kind.isEmpty()
            ? vocabulary.has("<s>") && vocabulary.has("</s>") && vocabulary.has("<mask>")
            : kind.startsWith(ROBERTA);
    if (!kind.isEmpty() && !roberta && !kind.startsWith("GPT2")) {
      throw new IOException(
          "tokenizer_class is %s, whose words cannot be told from a vocabulary".formatted(kind));
    }
    boolean prefix = config.path("add_prefix_space").asBoolean();
    ObjectNode bpe = TokenizerJson.part("BPE");
    bpe.putNull("dropout").putNull("unk_token");
    bpe.put("continuing_subword_prefix", "").put("end_of_word_suffix", "");
    bpe.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    bpe.set("vocab", vocabulary);
    ArrayNode pairs = bpe.putArray("merges");
    for (String line : merges) {
      if (!line.startsWith("#version") && !line.isBlank()) {
        String[] pair = line.split(" ");
        if (pair.length != 2) {
          throw new IOException("merges.txt has a line that is no pair");
        }
        pairs.addArray().add(pair[0]).add(pair[1]);
      }
    }
    TokenizerJson json =
        new TokenizerJson()
            .preTokenizer(TokenizerJson.byteLevel(prefix, true))
            .decoder(TokenizerJson.byteLevel(prefix, true))
            .model(bpe);
    return (roberta ? roberta(json, vocabulary, prefix, config) : gpt2(json, vocabulary))
        .addedOf(config)
        .build();
  }

  private static TokenizerJson roberta(
      TokenizerJson json, JsonNode vocabulary, boolean prefix, JsonNode config) {
    boolean leftBlanks = config.path("mask_token").path("lstrip").asBoolean();
    for (String token : List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>")) {
      if (vocabulary.has(token)) {
        json.added(
            vocabulary.get(token).asInt(), token, true, leftBlanks && token.equals("<mask>"));
      }
    }
    ObjectNode ends = TokenizerJson.part("RobertaProcessing");
    ends.putArray("sep").add("</s>").add(vocabulary.path("</s>").asInt());
    ends.putArray("cls").add("<s>").add(vocabulary.path("<s>").asInt());
    return json.postProcessor(ends.put("trim_offsets", true).put("add_prefix_space", prefix));
  }

  private static TokenizerJson gpt2(TokenizerJson json, JsonNode vocabulary) {
    String end = "<|endoftext|>";
    if (vocabulary.has(end)) {
      json.added(vocabulary.get(end).asInt(), end, true, false);
    }
    return json.postProcessor(TokenizerJson.byteLevel(true, false));
  }

  /**
   * @param tokens of {@code vocab.txt}, by line
   * @throws IOException if a special token is not among them
   */
  static ObjectNode wordPiece(List<String> tokens, JsonNode config) throws IOException {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (String token : tokens) {
      ids.putIfAbsent(token.stripTrailing(), ids.size());
    }
    boolean lower = config.path("do_lower_case").asBoolean(true);
    ObjectNode normalizer = TokenizerJson.part("BertNormalizer").put("clean_text", true);
    normalizer.put("handle_chinese_chars", config.path("tokenize_chinese_chars").asBoolean(true));
    if (config.path("strip_accents").isBoolean()) {
      normalizer.put("strip_accents", config.path("strip_accents").asBoolean());
    } else {
      normalizer.putNull("strip_accents");
    }
    normalizer.put("lowercase", lower);
    ObjectNode words = TokenizerJson.part("WordPiece").put("unk_token", "[UNK]");
    words.put("continuing_subword_prefix", "##").put("max_input_chars_per_word", 100);
    ObjectNode vocabulary = words.putObject("vocab");
    ids.forEach(vocabulary::put);
    TokenizerJson json = new TokenizerJson();
    List<String> missing = new ArrayList<>();
    for (String token : List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")) {
      if (ids.containsKey(token)) {
        json.added(ids.get(token), token, true, false);
      } else {
        missing.add(token);
      }
    }
    if (missing.contains("[UNK]") || missing.contains("[CLS]") || missing.contains("[SEP]")) {
      throw new IOException("it has no " + String.join(", ", missing));
    }
    return json.normalizer(normalizer)
        .preTokenizer(TokenizerJson.part("BertPreTokenizer"))
        .decoder(TokenizerJson.part("WordPiece").put("prefix", "##").put("cleanup", true))
        .postProcessor(
            TokenizerJson.template(
                List.of("[CLS]", "$A", "[SEP]"),
                List.of("[CLS]", "$A", "[SEP]", "$B:1", "[SEP]:1"),
                Map.of("[CLS]", ids.get("[CLS]"), "[SEP]", ids.get("[SEP]"))))
        .model(words)
        .addedOf(config)
        .build();
  }
}
